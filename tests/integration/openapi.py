"""docs/openapi.yaml held against what a store answers: every answer that a Person gets is checked."""
import functools
import pathlib
import re

import jsonschema
import yaml

DOCUMENT = pathlib.Path(__file__).parents[2] / "docs" / "openapi.yaml"
METHODS = ("get", "put", "post", "delete")

answered = set()  # operations that succeeded in this process


@functools.cache
def document():
    return yaml.load(DOCUMENT.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@functools.cache
def operations():
    """(method, pattern of the path, the operation), the most specific paths first."""
    found = []
    for path, item in document()["paths"].items():
        tail = ".*" if path == "/log/tile/{path}" else "[^/]*"
        pattern = re.compile(re.sub(r"\{[^}]*\}", tail, path.replace(".", r"\.")) + r"\Z")
        found += [(method.upper(), path, pattern, item[method]) for method in METHODS if method in item]
    return sorted(found, key=lambda each: each[1].count("{"))


def operation(method, path):
    bare = path.split("?")[0]
    for its_method, _, pattern, found in operations():
        if its_method == method and pattern.match(bare):
            return found
    raise AssertionError(f"docs/openapi.yaml has no {method} {bare}")


def resolved(part):
    while "$ref" in part:
        found = document()
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


@functools.cache
def validator(operation_id, status, media_type):
    found = next(each for _, _, _, each in operations() if each["operationId"] == operation_id)
    responses = found["responses"]
    response = resolved(responses.get(str(status)) or (responses["default"] if status >= 400 else {}))
    content = response.get("content", {})
    if "*/*" in content:
        return None
    if media_type not in content:
        raise AssertionError(f"{operation_id} answered {status} as {media_type}; docs/openapi.yaml knows {sorted(content)}")
    schema = content[media_type].get("schema")
    if schema is None:
        return None
    root = {"$schema": "https://json-schema.org/draft/2020-12/schema", **document(), **schema}
    return jsonschema.Draft202012Validator(root)


def check_answer(method, path, status, content_type, body):
    """Raises AssertionError where an answer is not as docs/openapi.yaml says. `body`: parsed JSON, or bytes."""
    name = operation(method, path)["operationId"]
    checks = validator(name, status, content_type.split(";")[0])
    problems = list(checks.iter_errors(body)) if checks else []
    if problems:
        # A member that is wrong counts as unevaluated too: say what is wrong with it first.
        deepest = jsonschema.exceptions.best_match([each for each in problems if each.validator != "unevaluatedProperties"] or problems)
        place = "/".join(map(str, deepest.absolute_path))
        raise AssertionError(f"{method} {path} answered {status}, and its {place or 'whole'} is not as docs/openapi.yaml says: {deepest.message[-400:]}")
    if status < 400:
        answered.add(name)
