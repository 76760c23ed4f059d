"""CPU time and memory of other processes; the server's own `heatwall bench` reads them too."""

from heatwall.capacity.proc import Memory, children, cpu_s, machine_busy_s, memory

__all__ = ["Memory", "children", "cpu_s", "machine_busy_s", "memory"]
