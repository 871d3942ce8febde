"""Milliseconds of PyTorch's matmul for the problems on stdin (JSON), as gemm.ts times its own: graphs of 10, best median."""
import json
import sys

import torch

torch.backends.cuda.matmul.allow_tf32 = False


def milliseconds(problem):
    m, n, k, batch = problem["m"], problem["n"], problem["k"], problem.get("batch", 1)
    layout = problem["layout"]
    dtype = torch.bfloat16 if problem["dtype"] == "bf16" else torch.float32
    a = torch.rand((batch, m, k) if layout[0] == "n" else (batch, k, m), device="cuda", dtype=dtype) * 2 - 1
    b = torch.rand((batch, k, n) if layout[1] == "n" else (batch, n, k), device="cuda", dtype=dtype) * 2 - 1
    a = a if layout[0] == "n" else a.transpose(1, 2)
    b = b if layout[1] == "n" else b.transpose(1, 2)
    c = torch.zeros((batch, m, n), device="cuda", dtype=dtype)
    if batch == 1:
        a, b, c = a[0], b[0], c[0]
    if problem.get("beta"):
        work = lambda: c.addmm_(a, b) if batch == 1 else c.baddbmm_(a, b)
    else:
        work = lambda: torch.matmul(a, b, out=c)
    for _ in range(3):
        work()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(10):
            work()
    times = []
    graph.replay()
    for _ in range(7):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        graph.replay()
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end) / 10)
    return sorted(times)[3]


print(json.dumps([milliseconds(problem) for problem in json.load(sys.stdin)]))
