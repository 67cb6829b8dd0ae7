"""SmolVLM2's shapes with random weights in Hugging Face transformers, for `captioning gpu` to be set beside: eight frames of 512 pixels and a prompt of 656 tokens
a clip, 64 new tokens. Run on the machine of the GPU: python3 transformers_peer.py [256M,500M] [1,8,64]"""
import sys
import time

import torch
from transformers import SmolVLMConfig, SmolVLMForConditionalGeneration

IMAGE, FRAMES, PROMPT, NEW = 49190, 8, 656, 64
TEXT = {
    "256M": dict(hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3),
    "500M": dict(hidden_size=960, intermediate_size=2560, num_hidden_layers=32, num_attention_heads=15, num_key_value_heads=5),
}


def create(name):
    config = SmolVLMConfig(
        image_token_id=IMAGE,
        scale_factor=4,
        vision_config=dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, image_size=512, patch_size=16),
        text_config=dict(model_type="llama", head_dim=64, vocab_size=49280, max_position_embeddings=8192, pad_token_id=2, **TEXT[name]),
    )
    config._attn_implementation = "sdpa"
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        model = SmolVLMForConditionalGeneration(config)
    return model.eval()


def measure(run):
    run()
    torch.cuda.synchronize()
    best = float("inf")
    for _ in range(2):
        began = time.perf_counter()
        run()
        torch.cuda.synchronize()
        best = min(best, time.perf_counter() - began)
    return best


@torch.inference_mode()
def main():
    names = sys.argv[1].split(",") if len(sys.argv) > 1 else list(TEXT)
    batches = [int(size) for size in sys.argv[2].split(",")] if len(sys.argv) > 2 else [1, 8, 64]
    for name in names:
        model = create(name)
        row = []
        for _ in range(FRAMES):
            row += list(range(100, 100 + PROMPT // FRAMES - 64)) + [IMAGE] * 64
        for batch in batches:
            ids = torch.tensor([row] * batch, device="cuda")
            pixels = torch.randn(batch, FRAMES, 3, 512, 512, device="cuda", dtype=torch.bfloat16)
            mask = torch.ones_like(ids)
            seconds = measure(lambda: model.generate(
                input_ids=ids, attention_mask=mask, pixel_values=pixels, max_new_tokens=NEW, min_new_tokens=NEW, do_sample=False, pad_token_id=2))
            print(f"transformers {name} batch {batch}: {batch / seconds:.1f} captions/s, {FRAMES * batch / seconds:.0f} frames/s, "
                  f"{NEW * batch / seconds:.0f} tokens/s", flush=True)
        encode = measure(lambda: model.model.get_image_features(torch.randn(8, FRAMES, 3, 512, 512, device="cuda", dtype=torch.bfloat16)))
        print(f"transformers {name} encode 64 frames: {64 / encode:.0f} frames/s", flush=True)
        del model
        torch.cuda.empty_cache()


main()
