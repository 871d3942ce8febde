"""Makes test/parity/fixtures/tool-values: rows with tools and calls as transformers prints them, and Python's arithmetic in templates.

`rows.jsonl` is a person's file: its numbers and keys are written as they stand there, since a writer of JSON would change them.
`golden.json`: each row's name and its rendering by each of our own templates (shapes of published tool templates), read with
Python's json and rendered by transformers. `arithmetic`: small templates over values that no JavaScript number holds.
"""

import json

from transformers.utils.chat_template_utils import render_jinja_template

from common import folder, origin, write_json

TEMPLATES = {
    "tags": """{%- if tools %}{{- '<|im_start|>system\\n<tools>' }}{%- for tool in tools %}{{- '\\n' }}{{- tool | tojson }}{%- endfor %}{{- '\\n</tools><|im_end|>\\n' }}{%- endif %}
{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' }}{%- if message.content %}{{- message.content }}{%- endif %}
{%- for call in message.tool_calls or [] %}{%- if call.function %}{%- set call = call.function %}{%- endif %}{{- '\\n<tool_call>\\n{"name": "' }}{{- call.name }}{{- '", "arguments": ' }}{{- call.arguments | tojson }}{{- '}\\n</tool_call>' }}{%- endfor %}{{- '<|im_end|>\\n' }}{%- endfor %}
{%- if extra is defined %}{{- extra | tojson }}{{ extra }}{%- endif %}""",
    "indented": """{%- for tool in tools or [] %}{{- tool | tojson(indent=4) }}{{- '\\n\\n' }}{%- endfor %}
{%- for message in messages %}{{- '<|start|>' + message.role + '<|end|>\\n\\n' }}{%- if message.tool_calls %}{%- set call = message.tool_calls[0].function %}{{- '{"name": "' + call.name + '", "parameters": ' }}{{- call.arguments | tojson(sort_keys=true) }}{{- '}' }}{%- else %}{{- message.content | trim }}{%- endif %}{{- '<|eot|>' }}{%- endfor %}""",
    "called": """{%- for message in messages %}[{{ message.role }}] {{ message.content }}{%- for call in message.tool_calls or [] %}{{- call.function.name }}.call({% if call.function.arguments is not mapping %}{{ call.function.arguments }}{% else %}{% for name, value in call.function.arguments | items %}{{ name }}={{ value }} ({{ value | tojson }}){% if not loop.last %}, {% endif %}{% endfor %}{% endif %})
{% endfor %}{% endfor %}""",
    "whole": "{{ messages | tojson }}\n{{ tools | tojson(indent=2, separators=(',', ':')) }}\n{{ tools }}{{ messages }}",
}

ARGUMENTS = {
    "64-bit integers": '{"a":2512292042121000001,"b":9007199254740993,"c":-9223372036854775808,"d":18446744073709551615,"e":9007199254740991,"f":9007199254740992}',
    "a long integer": '{"n":' + "1234567890" * 30 + "}",
    "floats that are whole": '{"a":1.0,"b":100.0,"c":-3.0,"d":0.0,"e":-0.0,"f":123456789012345680.0,"g":1.50,"h":10.00}',
    "exponents": '{"a":1e5,"b":1E5,"c":1e-5,"d":1e-7,"e":1.5e300,"f":1e16,"g":1e15,"h":1e+21,"i":1e22,"j":0.00001,"k":0.0001,"l":5e-324,"m":2.5E-3,"n":1e0}',
    "beyond a float": '{"a":1e400,"b":-1e400,"c":1e-400}',
    "digits of floats": '{"a":0.1,"b":0.30000000000000004,"c":3.141592653589793238462643,"d":1.7976931348623157e308,"e":123456.789e3,"f":2.2250738585072014e-308,"g":9007199254740993.0}',
    "zeros": '{"a":0,"b":-0,"c":0.0,"d":-0.0,"e":0e0,"f":-0e5}',
    "keys that are numbers": '{"b":1,"10":2,"2":3,"a":4,"0":5,"-1":6,"01":7,"1.5":8,"4294967295":9,"4294967294":10,"99999999999":11}',
    "keys that are numbers, deep": '{"years":{"2024":{"12":1.0,"1":2},"2023":[{"9":1,"b":2,"1":3.0}]},"10":{}}',
    "keys twice": '{"a":1,"b":2.0,"a":3.0,"7":1,"x":0,"7":2}',
    "keys with the mark": '{"\\u0000":"1.0","\\u00005":1,"\\u0000\\u0000":2,"\\u0000a":3,"5":{"\\u0000":"2.0"}}',
    "keys by escapes": '{"z":1,"\\u0031\\u0030":2,"a\\"1":3,"1\\n":4}',
    "numbers in text": '{"a":"1.0","b":"2512292042121000001","c":"{\\"10\\":1.0}","d":"\\\\\\"1e5"}',
    "lists": '[1.0,1,[2.0,[3e2,{"2":1,"1":2}]],null,true,false,"1.0"]',
    "a number": "1.0",
    "text of JSON": '"{\\"b\\":1,\\"10\\":1.0,\\"id\\":2512292042121000001}"',
    "empty": "{}",
    "letters": '{"é":"日本 <b>&\'","emoji 😀":1.0,"a/b":"\\/","tab":"\\t\\u2028\\u200b\\u00a0\\u0085\\ue000\\udb40\\udc01 \\u3000"}',
    "spaces between": '{ "b" : 1.0 ,\t"10" :  [ 2 , 3.0 ] , "2":{ } }',
    "ordinary": '{"a":1,"b":"x","c":[0.5,-2.25],"d":null}',
}
TOOL = '{"type":"function","function":{"name":"pay","parameters":{"type":"object","properties":{"amount":{"type":"number","default":1.0,"minimum":-0.0,"maximum":9223372036854775807},"to":{"enum":[1,2.0,3e0],"2024":1,"2023":2}},"required":["amount"]}}}'
ASK = '{"role":"user","content":"Pay 1.0."}'


def call(arguments: str) -> str:
    return f'{{"role":"assistant","content":"","tool_calls":[{{"type":"function","function":{{"name":"pay","arguments":{arguments}}}}}]}}'


def rows() -> dict[str, str]:
    """Lines of a file by what is odd about them."""
    lines = {name: f'{{"messages":[{ASK},{call(value)}],"tools":[{TOOL}]}}' for name, value in ARGUMENTS.items()}
    lines["keys before the role"] = f'{{"messages":[{{"content":"Hi","name":"b","role":"user"}},{{"3":1,"tool_calls":[],"role":"assistant","content":"x","1":2.0}}]}}'
    lines["extra variables"] = f'{{"messages":[{ASK},{call("{}")}],"tools":[{TOOL}],"chat_template_kwargs":{{"extra":{{"b":1e5,"10":2512292042121000001,"2":-0.0}},"unused":1.0}}}}'
    lines["tools as JSON text"] = json.dumps({"messages": [json.loads(ASK), json.loads(call("{}"))], "tools": f"[{TOOL}]"})
    lines["prompt and completion"] = f'{{"prompt":[{ASK}],"completion":[{call(ARGUMENTS["keys that are numbers, deep"])}],"tools":[{TOOL}]}}'
    return lines


def rendered(template: str, line: str) -> str:
    row = json.loads(line)
    messages = row["messages"] if "messages" in row else [*row["prompt"], *row["completion"]]
    tools = json.loads(row["tools"]) if isinstance(row.get("tools"), str) else row.get("tools")
    texts, _ = render_jinja_template([messages], tools=tools, chat_template=template, **row.get("chat_template_kwargs", {}))
    return texts[0]


# Values that the small templates below compute with.
NUMBERS = '{"big":9223372036854775807,"neg":-9223372036854775808,"safe":9007199254740991,"f":1.0,"half":2.5,"huge":1e308,"zero":0,"negzero":-0.0,"ints":[3,2512292042121000001,2512292042121000000,1.5],"text":"2512292042121000001"}'
ARITHMETIC = [
    "{{ n.big + 1 }} {{ n.big - 1 }} {{ n.big * n.big }} {{ n.neg - 1 }} {{ -n.neg }} {{ +n.big }} {{ -n.big }}",
    "{{ n.big // 10 }} {{ n.neg // 10 }} {{ n.big // -10 }} {{ n.big % 10 }} {{ n.neg % 10 }} {{ n.big % -10 }} {{ n.big // n.big }} {{ n.neg % n.big }}",
    "{{ n.big / 3 }} {{ n.big / n.neg }} {{ 1 / n.big }} {{ n.neg / 7 }} {{ n.big * n.big / n.big }}",
    "{{ n.safe + 1 }} {{ n.safe + 2 }} {{ n.safe * 2 - n.safe }} {{ (n.safe + 2) - 2 }} {{ 9007199254740993 }} {{ [9007199254740993, -9007199254740993] }}",
    "{{ 2 ** 63 }} {{ 2 ** 200 }} {{ (-3) ** 41 }} {{ 10 ** 20 }} {{ 2 ** -2 }} {{ 0 ** 0 }} {{ 1 ** n.big }} {{ (0 - 1) ** n.big }}",
    "{{ n.big == 9223372036854775807 }} {{ n.big == n.big + 0 }} {{ n.big == 9223372036854775807.0 }} {{ n.big + 1 == 9223372036854775808.0 }} {{ n.big < n.big + 1 }} {{ n.big > n.huge }} {{ n.neg < n.huge }} {{ n.big <= n.big }} {{ n.big != n.neg }} {{ 1 == n.f }} {{ true == n.f }} {{ n.zero == n.negzero }}",
    "{{ n.ints | sort }} {{ n.ints | max }} {{ n.ints | min }} {{ n.ints | sum }} {{ n.ints | unique | list }} {{ 2512292042121000001 in n.ints }} {{ 2512292042121000002 in n.ints }}",
    "{{ n.neg | abs }} {{ n.negzero | abs }} {{ n.text | int }} {{ n.text | int + 1 }} {{ n.big | int }} {{ n.big | float }} {{ n.huge | int }} {{ 'x' | int(7) }} {{ '12345678901234567890.5' | int }}",
    "{{ n.big is number }} {{ n.big is integer }} {{ n.big is float }} {{ n.f is integer }} {{ n.big is odd }} {{ n.neg is even }} {{ -3 is odd }} {{ n.ints | select('divisibleby', 3) | list }} {{ n.ints | select('gt', 3) | list }} {{ n.ints | select('integer') | list }}",
    "{{ n.f + n.big }} {{ n.big * 0.5 }} {{ n.f // 0.3 }} {{ -7.5 // 2 }} {{ -7.5 % 2 }} {{ 7.5 % -2 }} {{ n.half * 2 }} {{ 4 % -2 }} {{ 4.0 % -2 }} {{ 0.0 // -3 }} {{ 1.0 // 0.1 }} {{ 6 / 2 }} {{ -0.0 }} {{ -60.3 // -78 }} {{ 60.3 // -78 }} {{ 9007199254740995 // -2.5 }} {{ n.big // -2.5 }} {{ n.negzero // 3 }}",
    "{{ n }}|{{ n | tojson }}|{{ n.big ~ n.f ~ n.huge }}|{{ [n.big, n.f] | join(',') }}|{{ {n.big: n.f, 1: 2} | tojson }}|{{ n.big | string | length }}",
    "{{ 'abc'[n.big:] }}{{ 'abc'[:n.big] }}{{ 'abc'[n.neg:] }}{{ 'abc'[::n.big] }}|{{ [1, 2][n.big] is defined }}",
    "{{ n.zero and 'a' or 'b' }}{{ 'a' if n.big else 'b' }}{{ 'a' if n.negzero else 'b' }}{{ n.big and 1 }}",
    "{{ n.big + 'a' }}",
    "{{ n.big // 0 }}",
    "{{ n.big % 0 }}",
    "{{ 1 / 0 }}",
    "{{ 1.0 % 0 }}",
    "{{ n.big < 'a' }}",
]


def computed(template: str) -> dict:
    try:
        texts, _ = render_jinja_template([[{"role": "user", "content": "x"}]], chat_template=template, n=json.loads(NUMBERS))
        return {"template": template, "text": texts[0]}
    except Exception as error:
        return {"template": template, "error": type(error).__name__}


def main() -> None:
    out = folder("tool-values")
    lines = rows()
    (out / "rows.jsonl").write_text("".join(f"{line}\n" for line in lines.values()), encoding="utf-8")
    golden = [{"name": name, "texts": {shape: rendered(template, line) for shape, template in TEMPLATES.items()}} for name, line in lines.items()]
    write_json(out / "golden.json", {"templates": TEMPLATES, "rows": golden, "numbers": NUMBERS, "arithmetic": [computed(each) for each in ARITHMETIC]})
    origin(out, __doc__.split("\n\n", 1)[1])


if __name__ == "__main__":
    main()
