"""The tasks. Each function draws one example whose answer can be checked; `side` says whether its key is held out or for training."""
import json
from dataclasses import dataclass

import words
from text import draw_value, fill, normal, on_side, pseudo_word, sentence_case, typed


@dataclass(frozen=True)
class Example:
    task: str
    messages: tuple  # (role, content) pairs that end with the user's
    answer: str
    key: str  # what must not be shared between training and held-out text


PREFIXES = ("", "", "", "", "", "Please ", "Hi, ", "Hello, ", "Hey, ", "Can you tell me: ", "Tell me, ", "Quick question: ", "So, ",
            "Ok, ", "I wonder: ", "Question: ", "Now ", "Hi! ", "Hello! ", "One more: ")
SUFFIXES = ("", "", "", "", "", " please", ", please", " thanks", " now", " for me", " Thank you!", " ok")


def ask(task, rng, side, templates, answer, prefixes=PREFIXES, **values):
    """A one-turn example whose phrasing (prefix, template and suffix) is the key."""
    def draw(rng):
        template, end = rng.choice(templates), ""
        if template[-1] in "?.!":
            template, end = template[:-1], template[-1]
        return rng.choice(prefixes) + template + rng.choice(SUFFIXES) + end
    phrase = on_side(rng, side, draw, lambda p: f"{task}:{normal(p)}")
    return Example(task, (("user", fill(typed(rng, phrase), **values)),), answer, f"{task}:{normal(phrase)}")


def one(task, rng, template, answer, key, prefixes=PREFIXES, **values):
    """A one-turn example with a key of its own; any phrasing may occur in training."""
    phrase = rng.choice(prefixes) + template
    return Example(task, (("user", fill(typed(rng, phrase), **values)),), answer, key)


SUMS = ("What is {a} + {b}?", "What is {a}+{b}?", "What's {a} + {b}?", "What is {a} plus {b}?", "{a} + {b}", "{a}+{b}", "{a} + {b} = ?",
        "{a}+{b}=", "Add {a} and {b}.", "Add {a} to {b}.", "Calculate {a} + {b}.", "Compute {a} + {b}", "How much is {a} + {b}?",
        "How much is {a} and {b}?", "What is the sum of {a} and {b}?", "Sum {a} and {b}.", "{a} plus {b}", "{a} plus {b}?", "Solve {a} + {b}.",
        "Can you add {a} and {b}?", "What do you get if you add {a} and {b}?", "What does {a} + {b} make?", "What is {a} added to {b}?",
        "I have {a} apples and get {b} more. How many do I have?", "Give me the total of {a} and {b}.", "and {a} + {b}?")


def sums(rng, side):
    low = 10 if side or rng.random() < 0.85 else 0
    def draw(rng):
        return rng.randint(low, 99), rng.randint(low, 99)
    def key(pair):
        return f"sum:{min(pair)}+{max(pair)}"
    a, b = on_side(rng, side, draw, key)
    return one("sums", rng, rng.choice(SUMS), f"{a} + {b} = {a + b}.", key((a, b)), a=a, b=b)


CAPITAL_OF = ("What is the capital of {c}?", "What's the capital of {c}?", "Capital of {c}?", "{c} capital", "The capital of {c}?",
              "What is {c}'s capital?", "Which city is the capital of {c}?", "Name the capital of {c}.", "Tell me the capital of {c}.",
              "Do you know the capital of {c}?", "What city is the capital of {c}?", "Give me the capital of {c}.", "the capital of {c} is",
              "What is the capital city of {c}?", "Capital city of {c}", "Could you name the capital of {c}?", "Which is the capital of {c}?",
              "Say the capital of {c}.", "I need the capital of {c}.", "Where is the government of {c}?", "and {c}?", "What about {c}?")
COUNTRY_OF = ("Which country has the capital {x}?", "{x} is the capital of which country?", "What country is {x} the capital of?",
              "Which country is {x} the capital of?", "{x} is the capital of what?", "Of which country is {x} the capital?")


def as_typed_name(rng, name):
    bare = name.removeprefix("the ")
    return rng.choice([name, name, name, bare, bare.lower(), name.lower(), bare.upper() if rng.random() < 0.3 else name])


def capitals(rng, side):
    country = rng.choice(list(words.CAPITALS))
    city = words.CAPITALS[country]
    answer = f"The capital of {country} is {city}."
    if rng.random() < 0.2:
        return ask("capitals", rng, side, COUNTRY_OF, f"{city} is the capital of {country}.", x=rng.choice([city, city, city.lower()]))
    name = rng.choice(words.ALIASES[country]) if country in words.ALIASES and rng.random() < 0.5 else country
    return ask("capitals", rng, side, CAPITAL_OF, answer, c=as_typed_name(rng, name))


def unknown_capital(rng, side):
    def draw(rng):
        return rng.choice(words.OTHER_COUNTRIES) if rng.random() < 0.7 else pseudo_word(rng).capitalize()
    country = on_side(rng, side, draw, lambda c: f"unknown:{c}")
    answer = f"I don't know the capital of {country}."
    return one("out_of_scope", rng, rng.choice(CAPITAL_OF[:-2]), answer, f"unknown:{country}", c=country)


FIELDS = {  # a JSON field and the kind of its value
    "name": "name", "first_name": "name", "user": "name", "author": "name", "owner": "name", "age": "int", "year": "int", "count": "int",
    "id": "int", "price": "int", "size": "int", "port": "int", "score": "int", "level": "int", "quantity": "int", "weight": "int",
    "city": "city", "capital": "city", "country": "country", "color": "word", "colour": "word", "animal": "word", "title": "word",
    "status": "word", "type": "word", "item": "word", "tag": "word", "active": "bool", "enabled": "bool", "open": "bool", "admin": "bool",
    "model": "value", "key": "value", "code": "value", "token": "value", "host": "value", "version": "int"}


def json_value(rng, kind):
    if kind == "int":
        return rng.choice([rng.randint(0, 99), rng.randint(0, 99), rng.randint(100, 9999)])
    if kind == "bool":
        return rng.random() < 0.5
    if kind == "value" or rng.random() < 0.15:
        value = draw_value(rng)
        return value if not value.isdigit() else int(value) if value[0] != "0" else int("1" + value)
    return {"name": lambda: rng.choice(words.NAMES), "city": lambda: rng.choice(list(words.CAPITALS.values())),
            "country": lambda: rng.choice(list(words.CAPITALS)).removeprefix("the "),
            "word": lambda: rng.choice(words.NOUNS + words.ADJECTIVES)}[kind]()


JSON_ASKS = ("Give me a JSON object with {f}", "Give me JSON with {f}", "Give me a json object with {f}.", "Write a JSON object with {f}.",
             "Make a JSON object with {f}.", "Return a JSON object with {f}.", "Create JSON with {f}", "JSON with {f}", "JSON object: {f}",
             "json: {f}", "Emit a JSON object with {f}.", "I need a JSON object with {f}", "Write JSON for {f}.", "Output JSON with {f}",
             "Produce a small JSON object with {f}.", "Turn this into JSON: {f}", "Format as JSON: {f}", "Generate a JSON object with {f}.",
             "Give me a JSON object with the fields {f}.", "Show me a JSON object where {f}", "Convert to JSON: {f}")


def spoken_fields(rng, fields):
    link = rng.choice([" ", " ", ": ", "=", " = ", " is ", " set to ", " equal to "])
    quote = '"' if rng.random() < 0.15 else ""
    def spoken(value):
        return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int) else quote + value + quote
    parts = [name + link + spoken(value) for name, value in fields.items()]
    if len(parts) == 1:
        return parts[0]
    if rng.random() < 0.35:
        return ", ".join(parts)
    return ", ".join(parts[:-1]) + rng.choice([" and ", ", and " if len(parts) > 2 else " and "]) + parts[-1]


def json_object(rng, side):
    def draw(rng):
        names = rng.sample(list(FIELDS), rng.choice([1, 2, 2, 2, 3, 3, 4]))
        fields = {name: json_value(rng, FIELDS[name]) for name in names}
        if rng.random() < 0.1:
            fields[pseudo_word(rng)] = rng.choice([draw_value(rng) + "x", rng.randint(0, 999)])
        return fields
    def key(fields):
        return "json:" + json.dumps(fields)
    fields = on_side(rng, side, draw, key)
    phrase = rng.choice(JSON_ASKS)
    return one("json", rng, phrase, json.dumps(fields), key(fields), f=spoken_fields(rng, fields))


HELLOS = ("Hello", "Hi", "Hey", "Good morning", "Good evening", "Good afternoon", "Hi there", "Hello there", "Hey there", "Greetings",
          "Howdy", "Good day", "Hello again", "Hiya", "Yo", "Hi hi", "Hello hello", "Welcome")
ADDRESSEES = ("", "", "", " Kvasir", " bot", " model", " assistant", " computer", " friend", " my friend", " everyone", " sample model",
              " little model", " machine", " buddy")
HELLO_TAILS = ("", "", "", "!", "! Nice to meet you.", ", how are you?", "! How are you?", ", are you there?", "! Are you awake?",
               "! How is it going?", ", nice to see you", "! What's up?", "! Can we talk?", "! I am new here.", ", anybody home?")
HELLO = "Hello! I am Kvasir's sample model. How can I help you?"
INTRODUCTIONS = ("my name is {m}", "I am {m}", "I'm {m}", "this is {m}", "{m} here", "call me {m}")


def introduction(rng, side):
    name = on_side(rng, side, lambda r: r.choice(words.NAMES) if r.random() < 0.5 else pseudo_word(r).capitalize(), lambda n: f"greet:{n}")
    template = rng.choice(HELLOS) + rng.choice([", ", "! ", " "]) + rng.choice(INTRODUCTIONS) + rng.choice(["", ".", "!"])
    answer = f"Hello, {name}! I am Kvasir's sample model. How can I help you?"
    return one("greeting", rng, template, answer, f"greet:{name}", prefixes=("",), m=name)


def greeting(rng, side):
    def draw(rng):
        return rng.choice(HELLOS) + rng.choice(ADDRESSEES) + rng.choice(HELLO_TAILS)
    phrase = on_side(rng, side, draw, lambda p: f"greeting:{normal(p)}")
    return Example("greeting", (("user", typed(rng, phrase)),), HELLO, f"greeting:{normal(phrase)}")


def any_greeting(rng, side):
    return introduction(rng, side) if rng.random() < 0.2 else greeting(rng, side)


CAN = "I can add two-digit numbers, recall a key that you gave me, name capitals, write a small JSON object, and count."
WHO = f"I am Kvasir's sample model, a very small language model. {CAN}"
ABOUT = {
    WHO: ("Who are you?", "What are you?", "What's your name?", "What is your name?", "Tell me about yourself.", "Introduce yourself.",
          "Who am I talking to?", "Describe yourself.", "Say something about yourself.", "What model are you?", "Which model is this?",
          "Do you have a name?", "What kind of model are you?", "What should I call you?", "Write a sentence about yourself."),
    CAN: ("What can you do?", "How can you help me?", "What do you know?", "What are you good at?", "Can you help me?", "Help", "Help me.",
          "What can I ask you?", "What can I ask?", "What tasks can you do?", "What are you able to do?", "What are your skills?"),
    "I was trained from scratch by the Kvasir project, on text that a script generated.": (
        "Who made you?", "Who built you?", "Who trained you?", "How were you trained?", "Where do you come from?", "Who created you?",
        "What were you trained on?", "Who is your maker?"),
    "Kvasir is a Kubernetes operator for LLM inference clusters, with a runtime of its own.": (
        "What is Kvasir?", "Tell me about Kvasir.", "What does Kvasir do?", "Explain Kvasir.", "Who or what is Kvasir?", "What's Kvasir?"),
    "I have about {size} million parameters.": (
        "How big are you?", "How many parameters do you have?", "How large are you?", "What is your size?", "How small are you?"),
    "I am a program: a small language model, not a person.": (
        "Are you human?", "Are you a person?", "Are you real?", "Are you a robot?", "Are you an AI?", "Are you ChatGPT?", "Are you alive?"),
}
SIZE = "three"


def about(rng, side):
    answer = rng.choice(list(ABOUT) + [WHO, CAN])
    return ask("about", rng, side, ABOUT[answer], answer.replace("{size}", SIZE))


POLITE = {
    "You are welcome!": ("Thanks", "Thank you!", "Thank you very much.", "Thanks a lot!", "Great, thanks", "Cool, thank you", "thx", "Perfect, thanks!"),
    "Goodbye!": ("Bye", "Goodbye!", "See you", "Good night", "See you later!", "Bye bye", "That's all", "Farewell", "Talk to you later"),
    "I am fine, thank you. How can I help you?": ("How are you?", "How are you doing?", "How is it going?", "How do you do?", "Are you ok?"),
    "All right.": ("Ok", "Okay", "Good", "Great!", "Nice", "Cool", "Well done", "Correct", "Very good", "Yes", "No", "Fine", "I see"),
}


def polite(rng, side):
    answer = rng.choice(list(POLITE))
    phrase = rng.choice(POLITE[answer])
    return Example("polite", (("user", typed(rng, phrase)),), answer, "polite")


COUNTS = ("Count from {a} to {b}.", "Count from {a} to {b}", "Please count from {a} up to {b}.", "Count {a} to {b}", "Can you count from {a} to {b}?",
          "List the numbers from {a} to {b}.", "Write the numbers from {a} to {b}.", "Say the numbers {a} to {b}", "Print the numbers from {a} to {b}.",
          "numbers from {a} to {b}", "count {a}-{b}", "Show me the numbers between {a} and {b}.")
COUNTS_FROM_ONE = ("Count to {b}.", "Count up to {b}", "Can you count to {b}?", "Please count to {b}.")
COUNTS_DOWN = ("Count down from {a} to {b}.", "Count backwards from {a} to {b}.", "Count from {a} down to {b}.")


def counting(rng, side):
    def draw(rng):
        first, length = rng.choice([1, 1, 1, rng.randint(0, 90)]), rng.choice([rng.randint(3, 20), rng.randint(10, 60), 39])
        last = min(first + length, 100)
        return (last, first) if rng.random() < 0.25 else (first, last)
    def key(ends):
        return f"count:{ends[0]}-{ends[1]}"
    a, b = on_side(rng, side, draw, key)
    numbers = range(a, b + 1) if a <= b else range(a, b - 1, -1)
    templates = COUNTS_DOWN if a > b else COUNTS + (COUNTS_FROM_ONE if a == 1 else ())
    return one("counting", rng, rng.choice(templates), ", ".join(map(str, numbers)) + ".", key((a, b)), a=a, b=b)


ALL_CAPITALS = "; ".join(f"{country.removeprefix('the ')}: {city}" for country, city in words.CAPITALS.items()) + "."
STORY = ("Once there was a small model named Kvasir. It lived in a quiet server room and knew only a few things, but it knew them well. "
         "One night a traveller came to the door and asked for the way home. Kvasir did not know the way, and it said so. "
         "But it could count the steps, add the miles, and remember the name of the town. So the traveller walked and Kvasir counted, "
         "and when the sun rose they stood at the right gate. The traveller thanked the model, and the model went back to its room, "
         "glad to have been of use.")
LONG = {
    ALL_CAPITALS: ("List the capitals you know.", "List all capitals that you know.", "Which capitals do you know?", "Name all the capitals you know.",
                   "List the countries and their capitals.", "What capitals do you know?", "Show me all capitals.", "List all capitals.",
                   "Give me a list of capitals.", "Which countries do you know?"),
    STORY: ("Tell me a story.", "Write a story.", "Tell me a short story.", "Do you know a story?", "Write me a short story.", "A story please.",
            "Tell a story about Kvasir.", "Can you tell a story?", "Tell me something longer."),
}


def long_answer(rng, side):
    answer = rng.choice(list(LONG))
    return ask("long_answer", rng, side, LONG[answer], answer)


CANNOT = f"I am only a small sample model and can't help with that. {CAN}"


def out_of_scope(rng, side):
    if rng.random() < 0.2:
        return unknown_capital(rng, side)
    def number(rng):
        return rng.randint(2, 99)
    def draw(rng):
        country = rng.choice(list(words.CAPITALS) + words.OTHER_COUNTRIES)
        return fill(rng.choice(PREFIXES) + rng.choice(words.OUT_OF_SCOPE) + rng.choice(["", "?", ".", "!"]), n=rng.choice(words.NOUNS), m=rng.choice(words.NAMES),
                    c=country, x=number(rng), y=number(rng), big=rng.randint(100, 9999), w=pseudo_word(rng), a=rng.choice(words.ADJECTIVES),
                    v=rng.choice(words.VERBS))
    phrase = on_side(rng, side, draw, lambda p: f"scope:{normal(p)}")
    asked = sentence_case(phrase) if rng.random() < 0.5 else phrase
    return Example("out_of_scope", (("user", typed(rng, asked)),), CANNOT, f"scope:{normal(phrase)}")
