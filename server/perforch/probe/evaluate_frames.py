"""What a frame of the project's code was called with."""

import inspect


def arguments(frame):
    """Positional and keyword arguments of the call that has just begun."""
    code, values = frame.f_code, frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount
    names = code.co_varnames
    positional = [values[name] for name in names[: code.co_argcount] if name in values]
    keyword = {name: values[name] for name in names[code.co_argcount : count] if name in values}
    if code.co_flags & inspect.CO_VARARGS:
        positional += values[names[count]]
        count += 1
    if code.co_flags & inspect.CO_VARKEYWORDS:
        keyword.update(values[names[count]])
    return positional, keyword
