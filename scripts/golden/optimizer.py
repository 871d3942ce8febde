"""Learning rates, AdamW, clipping and torch's random permutations as vectors."""

from common import folder, origin, write_json

import torch
from transformers import Trainer, TrainingArguments, get_scheduler

SCHEDULES = [
    ("constant", {}), ("constant", {"warmup": 4}), ("constant_with_warmup", {"warmup": 4}), ("linear", {}),
    ("linear", {"warmup": 4}), ("linear", {"warmup": 0.12}), ("cosine", {}), ("cosine", {"warmup": 4}), ("cosine", {"warmup": 0.03}),
    ("linear", {"warmup": 1}), ("linear", {"warmup": 2.7}), ("cosine", {"warmup": 25}), ("linear", {"warmup": 0.12, "total": 7}),
    ("cosine_with_restarts", {"warmup": 3, "specific": {"num_cycles": 2}}),
    ("polynomial", {"warmup": 3, "specific": {"power": 2.0}}), ("inverse_sqrt", {"warmup": 3}),
    ("cosine_with_min_lr", {"warmup": 3, "specific": {"min_lr_rate": 0.1}}),
    ("warmup_stable_decay", {"warmup": 3, "specific": {"num_decay_steps": 6}}),
]


def schedules() -> list[dict]:
    records = []
    for name, options in SCHEDULES:
        total, warmup, specific = options.get("total", 20), options.get("warmup", 0), options.get("specific", {})
        steps = TrainingArguments(output_dir="unused", warmup_steps=warmup, use_cpu=True).get_warmup_steps(total)
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=3e-4)
        scheduler = get_scheduler(name, optimizer, num_warmup_steps=steps, num_training_steps=total, scheduler_specific_kwargs=specific)
        rates = []
        for _ in range(total + 1):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        records.append({"lr_scheduler_type": name, "learning_rate": 3e-4, "max_steps": total, "warmup_steps": warmup,
                        "warmup_steps_resolved": steps, "lr_scheduler_kwargs": specific, "rates": rates})
    return records


def adamw() -> list[dict]:
    """Elements span eight orders of magnitude of gradient, with an exact zero, so that epsilon matters somewhere."""
    records = []
    for weight_decay, betas, epsilon in ((0.0, (0.9, 0.999), 1e-8), (0.01, (0.9, 0.999), 1e-8), (0.1, (0.8, 0.95), 1e-6)):
        generator = torch.Generator().manual_seed(3)
        parameter = torch.nn.Parameter(torch.randn(17, generator=generator))
        scale = torch.logspace(-8, 0, 17)
        scale[5] = 0
        optimizer = torch.optim.AdamW([parameter], lr=1e-2, betas=betas, eps=epsilon, weight_decay=weight_decay, fused=True)
        record = {"weight_decay": weight_decay, "adam_beta1": betas[0], "adam_beta2": betas[1], "adam_epsilon": epsilon,
                  "initial": parameter.tolist(), "steps": []}
        for step in range(5):
            rate = 1e-2 * (1 - step / 8)
            optimizer.param_groups[0]["lr"] = rate
            parameter.grad = torch.randn(17, generator=generator) * scale
            optimizer.step()
            state = optimizer.state[parameter]
            record["steps"].append({"learning_rate": rate, "gradient": parameter.grad.tolist(), "parameter": parameter.tolist(),
                                    "exp_avg": state["exp_avg"].tolist(), "exp_avg_sq": state["exp_avg_sq"].tolist()})
        records.append(record)
    return records


def follow(make, shapes: list[list[int]]) -> dict:
    """Eight steps of an optimizer over tensors of these shapes; gradients of many sizes, with an exact 0 in each."""
    generator = torch.Generator().manual_seed(6)
    parameters = [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]
    optimizer = make(parameters)
    record = {"shapes": shapes, "initial": [p.detach().flatten().tolist() for p in parameters], "steps": []}
    for step in range(8):
        rate = optimizer.param_groups[0]["lr"] = 1e-2 * (1 - step / 10)
        for parameter in parameters:
            parameter.grad = torch.randn(parameter.shape, generator=generator) * 10.0 ** (step % 3 - 3)
            parameter.grad.view(-1)[step % parameter.numel()] = 0
        optimizer.step()
        record["steps"].append({"learning_rate": rate, "gradients": [p.grad.flatten().tolist() for p in parameters],
                                "parameters": [p.detach().flatten().tolist() for p in parameters]})
    return record


def by_name(optim: str, optim_args: str | None, weight_decay: float) -> dict:
    """As transformers makes it from its arguments. Alike tensors in a row, as layers are, and one that is alone."""
    arguments = TrainingArguments(output_dir="unused", optim=optim, optim_args=optim_args, use_cpu=True)
    kind, options = Trainer.get_optimizer_cls_and_kwargs(arguments)
    record = follow(lambda parameters: kind([{"params": parameters, "weight_decay": weight_decay}], **options), [[5, 3], [2, 7], [5, 3], [2, 7], [4], [3, 1]])
    return {"optim": optim, "optim_args": optim_args, "weight_decay": weight_decay, **record}


OPTIMIZERS = [
    ("sgd", None, 0.0), ("sgd", "momentum=0.9", 0.1), ("sgd", "momentum=0.8,nesterov=true", 0.0), ("adafactor", None, 0.0), ("adafactor", None, 0.1),
]


def clipping() -> list[dict]:
    records = []
    for scale, max_norm in ((1.0, 1.0), (0.01, 1.0), (1.0, 0.3), (0.0, 1.0), (1e-7, 1e-6)):
        generator = torch.Generator().manual_seed(4)
        tensors = [torch.nn.Parameter(torch.zeros(size)) for size in (3, 5, 2)]
        for tensor in tensors:
            tensor.grad = torch.randn(tensor.shape, generator=generator) * scale
        before = [tensor.grad.tolist() for tensor in tensors]
        norm = torch.nn.utils.clip_grad_norm_(tensors, max_norm)
        records.append({"max_grad_norm": max_norm, "norm": norm.item(), "before": before, "after": [t.grad.tolist() for t in tensors]})
    return records


def random_streams() -> dict:
    def generator(seed: int) -> torch.Generator:
        return torch.Generator().manual_seed(seed)

    return {
        "randperm": [
            {"n": n, "seed": seed, "values": torch.randperm(n, generator=generator(seed)).tolist()}
            for n, seed in ((1, 42), (2, 42), (5, 42), (10, 43), (31, 42), (31, 43), (700, 42), (12, 2**31 + 5))
        ],
        "uniform_f32": [
            {"seed": seed, "from": low, "to": high, "values": torch.empty(12).uniform_(low, high, generator=generator(seed)).tolist()}
            for seed, low, high in ((42, -0.5, 0.5), (7, 0.0, 1.0))
        ],
    }


if __name__ == "__main__":
    path = folder("optimizer")
    write_json(path / "schedules.json", schedules())
    write_json(path / "adamw.json", adamw())
    write_json(path / "others.json", [by_name(*each) for each in OPTIMIZERS])
    write_json(path / "clipping.json", clipping())
    write_json(path / "random.json", random_streams())
    origin(
        path,
        """
| File | Content |
|---|---|
| `schedules.json` | `rates[k]` is the rate used in optimizer step k (0-based) and one step beyond the last, float64; `warmup_steps` below 1 is a fraction |
| `adamw.json` | `torch.optim.AdamW(fused=True)`, float32: gradients of 1e-8 to 1 and an exact 0, parameter and both moments after each step |
| `others.json` | the optimizers that transformers makes of `optim` and `optim_args`, float32: parameters after each of eight steps |
| `clipping.json` | `clip_grad_norm_` over three tensors, float32 |
| `random.json` | `torch.randperm` and float32 `uniform_` of torch's CPU generator |
""",
    )
