#!/usr/bin/env python3
"""Renders src/test/resources/templates/cases.json as transformers would, into expected.json; needs transformers and jinja2.

A case has a template, variables and afterwards either the text or "error": true.
"""
import json, os
from transformers.utils.chat_template_utils import _compile_jinja_template

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../resources/templates")
cases = json.load(open(os.path.join(here, "cases.json"), encoding="utf-8"))
expected = {}
for name, case in cases.items():
    try:
        expected[name] = _compile_jinja_template(case["template"]).render(**case.get("variables", {}))
    except Exception:  # whatever Python raises, a template that fails must fail here too
        expected[name] = None
json.dump(expected, open(os.path.join(here, "expected.json"), "w", encoding="utf-8"), ensure_ascii=False, indent=1)
print(sum(v is None for v in expected.values()), "errors of", len(expected))
