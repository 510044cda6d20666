"""The base's shape, and how it is written: f16 safetensors with hub-dialect config, no path of this machine in any file."""

import json

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from paths import BASE

SHAPE = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "attention_bias": False,
    "attention_dropout": 0.0,
    "bos_token_id": None,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "head_dim": 32,
    "hidden_act": "silu",
    "hidden_size": 256,
    "initializer_range": 0.02,
    "intermediate_size": 704,
    "max_position_embeddings": 1024,
    "mlp_bias": False,
    "num_attention_heads": 8,
    "num_hidden_layers": 6,
    "num_key_value_heads": 4,
    "rms_norm_eps": 1e-5,
    "rope_scaling": None,
    "rope_theta": 10000.0,
    "tie_word_embeddings": True,
    "torch_dtype": "float16",
    "use_cache": True,
    "vocab_size": 2048,
}


def new_model():
    config = LlamaConfig(**{key: value for key, value in SHAPE.items() if key not in ("torch_dtype", "architectures", "model_type", "rope_scaling")})
    return LlamaForCausalLM(config)


def load_base():
    """The base as the app sees it: weights rounded to f16, computed in f32."""
    model = new_model()
    state = {name: tensor.float() for name, tensor in load_file(str(BASE / "model.safetensors")).items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert missing == ["lm_head.weight"] and not unexpected, (missing, unexpected)
    model.tie_weights()
    return model


def save_base(model):
    state = {name: tensor.detach().to(torch.float16).contiguous() for name, tensor in model.state_dict().items() if name != "lm_head.weight"}
    BASE.mkdir(parents=True, exist_ok=True)
    write_tensors(state, BASE / "model.safetensors")
    (BASE / "config.json").write_text(json.dumps(SHAPE, indent=2) + "\n")


def write_tensors(state, path):
    save_file(state, str(path), metadata={"format": "pt"})
    path.chmod(0o644)  # the library makes it readable for the owner alone; a web server is somebody else


def load_tokenizer():
    return AutoTokenizer.from_pretrained(str(BASE))
