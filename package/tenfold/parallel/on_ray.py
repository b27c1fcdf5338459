"""Ranks on a cluster of Ray's: Ray Train starts them where there is room, the rest is the same."""

from __future__ import annotations

import logging
import os
from typing import Any

from tenfold.errors import MissingPackageError
from tenfold.parallel.channel import Channel, Door, start
from tenfold.parallel.parcel import Parcel
from tenfold.parallel.pool import LONG_FAREWELL, Pool

__all__ = ["RayPool"]


class RayPool(Pool):
    """Ranks that Ray Train started, on one machine or many; tensors go to them over the network.

    A cluster that was joined with `ray.init(address=...)` is used, else one on this machine.
    """

    def open_door(self) -> Door:
        """Where the ranks come in, from other machines too."""
        return Door(_ray().util.get_node_ip_address())

    def begin(self) -> None:
        """Ask Ray for as many workers as there are ranks."""
        ray = _ray()
        self._failure, self._alone = "", not ray.is_initialized()
        if self._alone:
            ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        told = {**self._door.told, "kind": self.settings.kind, "threads": self.settings.threads}
        self._agent = start(lambda: self._train(told), name="tenfold-ray")

    def _train(self, told: dict[str, Any]) -> None:
        from ray.train import FailureConfig, RunConfig, ScalingConfig
        from ray.train.torch import TorchConfig, TorchTrainer

        cuda = self.settings.kind == "cuda"
        trainer = TorchTrainer(
            worker,
            train_loop_config=told,
            torch_config=TorchConfig(backend="cpu:gloo,cuda:nccl" if cuda else "gloo"),
            scaling_config=ScalingConfig(num_workers=self.settings.processes, use_gpu=cuda),
            run_config=RunConfig(
                storage_path=str(self._folder),
                failure_config=FailureConfig(max_failures=self.settings.restarts),
            ),
        )
        try:
            trainer.fit()
        except Exception as error:
            self._failure = " ".join(str(error).split())[:500]

    def place(self, parcel: Parcel) -> tuple[list[Any], str]:
        """The tensors themselves: another machine has no file of ours."""
        return [bytes(tensor) for tensor in parcel.tensors], ""

    def end(self) -> None:
        """Wait for Ray Train; a cluster that was only made for this ends too."""
        self._agent.join(LONG_FAREWELL)
        if self._alone:
            _ray().shutdown()

    def born(self) -> None:
        """Nothing: Ray ends its processes."""

    def said_last(self, rank: int) -> str:
        """What Ray said, if it has ended."""
        return self._failure


def worker(told: dict[str, Any]) -> None:
    """One rank, in a worker of Ray's, whose process group Ray has made."""
    from ray.train import get_context

    from tenfold.parallel.worker import serve

    rank = get_context().get_world_rank()
    os.environ["LOCAL_RANK"] = str(get_context().get_local_rank())
    try:
        channel = Channel.to_kernel(told)
    except OSError:
        return  # the kernel is gone
    channel.send("came", rank, os.getpid(), 0)
    serve(channel, kind=told["kind"], threads=told["threads"])


def _ray() -> Any:
    try:
        import ray
        import ray.train
        import ray.util
    except ImportError:
        raise MissingPackageError(
            'on="ray" needs Ray Train, which is not installed; run `pip install tenfold[ray]`'
        ) from None
    return ray
