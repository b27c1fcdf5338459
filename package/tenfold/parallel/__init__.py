"""A fit on several processes: DistributedDataParallel, started by torchrun's elastic launcher."""
