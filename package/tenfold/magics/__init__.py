"""The magics: parse a line, call the public interface, show the result; nothing else."""
