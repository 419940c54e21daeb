import pytest

from perforch.core.model_names import family


@pytest.mark.parametrize(
    "names",
    [
        ["anthropic/claude-3-5-sonnet-20241022", "Claude Sonnet 3.5 (June 2024)", "claude-3.5-sonnet-20240620"],
        ["openai/gpt-4o-2024-08-06", "GPT 4o (Aug 2024)", "gpt-4o", "GPT_4o"],
        ["gemini/gemini-1.5-pro-latest", "Gemini Pro 1.5", "Gemini-1.5-Pro-API-0514"],
        ["ollama/qwen2.5-coder:32b", "Qwen2.5-Coder-32B-Instruct", "Qwen2.5-Coder-Ins-32B"],
        ["meta-llama--Llama-3.1-70B-Instruct", "Llama-3.1-70B-Instruct"],
        ["deepseek-ai--deepseek-coder-33b-instruct", "DSCoder-33b-Ins", "DeepSeek-Coder-Instruct 33B"],
        ["o3-mini (high)", "openai/o3-mini-2025-01-31", "O3-Mini-2025-01-31 (Low)"],
        ["claude-opus-4-20250514 (32k thinking)", "Claude-Opus-4 (Thinking)", "anthropic/claude-opus-4-20250514"],
        ["gpt-4-1106-preview", "GPT-4-Turbo (Nov 2023)", "GPT-4-Turbo-1106"],
    ],
)
def test_the_names_of_one_family_have_one_key(names: list[str]) -> None:
    assert len({family(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-4o", "gpt-4o-mini"),
        ("gpt-4", "gpt-4-turbo"),
        ("claude-3-5-sonnet", "claude-3-7-sonnet"),
        ("claude-sonnet-4", "claude-sonnet-4.5"),
        ("qwen2.5-7b", "qwen2.5-coder-7b"),
        ("deepseek-v3", "deepseek-v3.1"),
        ("llama-3-8b", "llama-3-70b"),
        ("o1", "o3"),
        ("codellama-34b-base", "codellama-34b-instruct"),
    ],
)
def test_different_models_have_different_keys(one: str, other: str) -> None:
    assert family(one) != family(other)


def test_a_name_without_any_telling_word_is_its_own_key() -> None:
    assert family("Chat") == "chat"
