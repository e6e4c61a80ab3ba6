"""The words that the generated text is made of."""

CAPITALS = {
    "Argentina": "Buenos Aires", "Australia": "Canberra", "Austria": "Vienna", "Bangladesh": "Dhaka",
    "Belgium": "Brussels", "Brazil": "Brasilia", "Bulgaria": "Sofia", "Canada": "Ottawa",
    "Chile": "Santiago", "China": "Beijing", "Colombia": "Bogota", "Croatia": "Zagreb",
    "Cuba": "Havana", "the Czech Republic": "Prague", "Denmark": "Copenhagen", "Ecuador": "Quito",
    "Egypt": "Cairo", "Estonia": "Tallinn", "Ethiopia": "Addis Ababa", "Finland": "Helsinki",
    "France": "Paris", "Germany": "Berlin", "Ghana": "Accra", "Greece": "Athens",
    "Hungary": "Budapest", "Iceland": "Reykjavik", "India": "New Delhi", "Indonesia": "Jakarta",
    "Iran": "Tehran", "Iraq": "Baghdad", "Ireland": "Dublin", "Italy": "Rome",
    "Japan": "Tokyo", "Kenya": "Nairobi", "Latvia": "Riga", "Lithuania": "Vilnius",
    "Malaysia": "Kuala Lumpur", "Mexico": "Mexico City", "Morocco": "Rabat", "Nepal": "Kathmandu",
    "the Netherlands": "Amsterdam", "New Zealand": "Wellington", "Nigeria": "Abuja", "Norway": "Oslo",
    "Pakistan": "Islamabad", "Peru": "Lima", "the Philippines": "Manila", "Poland": "Warsaw",
    "Portugal": "Lisbon", "Romania": "Bucharest", "Saudi Arabia": "Riyadh", "Serbia": "Belgrade",
    "Singapore": "Singapore", "Slovakia": "Bratislava", "Slovenia": "Ljubljana", "South Korea": "Seoul",
    "Spain": "Madrid", "Sweden": "Stockholm", "Switzerland": "Bern", "Thailand": "Bangkok",
    "Turkey": "Ankara", "Ukraine": "Kyiv", "the United Kingdom": "London", "the United States": "Washington",
    "Uruguay": "Montevideo", "Vietnam": "Hanoi",
}

ALIASES = {
    "the United Kingdom": ["the UK", "Great Britain", "England", "UK", "United Kingdom"],
    "the United States": ["the USA", "the US", "America", "USA", "United States"],
    "the Netherlands": ["Holland", "Netherlands"],
    "the Czech Republic": ["Czechia", "Czech Republic"],
    "the Philippines": ["Philippines"],
    "South Korea": ["Korea"],
}

# Countries whose capital the model says that it doesn't know.
OTHER_COUNTRIES = (
    "Albania Algeria Angola Armenia Azerbaijan Belarus Benin Bhutan Bolivia Botswana Burundi Cambodia Cameroon Chad "
    "Cyprus Fiji Gabon Georgia Guatemala Guinea Guyana Haiti Honduras Israel Jamaica Jordan Kazakhstan Kuwait Laos "
    "Lebanon Liberia Libya Luxembourg Madagascar Malawi Mali Malta Moldova Monaco Mongolia Montenegro Mozambique "
    "Myanmar Namibia Nicaragua Niger Oman Panama Paraguay Qatar Rwanda Samoa Senegal Somalia Sudan Syria Taiwan "
    "Tanzania Togo Tunisia Uganda Uzbekistan Venezuela Yemen Zambia Zimbabwe").split()

NAMES = (
    "Ada Alan Alex Alice Amir Ana Anna Ben Bob Carl Carla Chen Clara Dan Dana David Diego Ella Emil Emma Eric Eva Fatima "
    "Felix Finn Frank Grace Greta Hana Hugo Ida Igor Ines Ivan Jack James Jane Jin John Jonas Jose Julia Karl Kate Kim "
    "Lara Lea Leo Lily Linus Lisa Luis Luna Maria Mark Marta Max Mei Mia Mila Mike Nina Noah Nora Olga Oscar Omar Otto "
    "Paul Peter Priya Ravi Rosa Ruth Sam Sara Sofia Tim Tom Uma Vera Victor Wei Yuki Zoe").split()

ADJECTIVES = (
    "red blue green yellow black white grey brown golden silver old new big small tall short round square heavy light "
    "quiet loud quick slow warm cold bright dark north south east west upper lower left right first second third last "
    "wooden paper iron glass empty full open hidden broken spare main inner outer").split()

NOUNS = (
    "door gate box chest drawer cabinet safe locker room office garage shed cellar attic house garden bridge tower boat "
    "ship train car truck bicycle wagon server cluster database printer router laptop phone camera clock radio lamp desk "
    "table chair shelf book letter folder map ticket bag suitcase basket bottle jar cup plate kettle stove oven window "
    "wall roof floor street station harbour market school library museum theatre hotel farm mill forest river lake hill "
    "mountain valley island field tree horse dog cat bird fish fox wolf bear lion tiger eagle owl mouse rabbit sheep "
    "cow goat apple pear plum lemon orange cherry bread cheese honey sugar salt pepper coffee tea water stone coin "
    "ring crown sword shield hammer needle thread candle mirror piano violin drum flag star moon sun cloud storm snow").split()

VERBS = (
    "passed watched found carried painted followed crossed visited repaired moved counted left kept heard saw "
    "covered reached opened closed cleaned").split()

WHENS = (
    "in the morning|at noon|in the evening|at night|last week|on Monday|on Friday|in spring|in winter|before the rain|"
    "after lunch|every day|for an hour|without a sound|by mistake|with great care").split("|")

# What a user can ask to be kept. {o} is an object such as "the green door".
ATTRIBUTES = (
    "key|code|password|secret|secret word|secret key|secret code|pin|token|magic word|magic number|room number|order number|"
    "passphrase|access code|door code|wifi password|api key|username|user id|locker number|ticket number|phone number|"
    "account number|project name|code word|code name|serial number|badge number|favourite colour|favorite color|"
    "favourite number|lucky number|favourite animal|favourite food|meeting room|flight number|seat number|"
    "invoice number|server name|host name|database name|port|address|email|id|number|word|value|colour|color|city").split("|")
OBJECT_ATTRIBUTES = (
    "key|code|password|pin|number|name|label|colour|price|weight|owner|serial number|secret|token|access code|id").split("|")

SYSTEMS = (
    "You are a helpful assistant.|You are a helpful assistant|Be brief.|You are Kvasir's sample model.|Answer briefly.|"
    "You are a friendly assistant. Answer in one sentence.|Answer the question of the user.|You are a chat bot.|"
    "Help the user.|You are an AI assistant.|Always be polite.|You are a careful assistant that never guesses.|"
    "You are a concise assistant.|Keep your answers short.|Follow the instructions of the user.|You are a test model.").split("|")

# Requests that are out of scope: {n} a noun, {m} a name, {c} a country, {x} and {y} numbers.
OUT_OF_SCOPE = (
    "write a poem about the {n}|write me a poem|write a song about a {n}|translate {n} to French|translate {n} into German|"
    "what is the weather in {c}|how is the weather today|will it rain tomorrow|who is the president of {c}|"
    "who is the king of {c}|what is the population of {c}|how many people live in {c}|what language do they speak in {c}|"
    "what is a {n}|explain what a {n} is|how does a {n} work|how do i build a {n}|how much does a {n} cost|"
    "where can i buy a {n}|where is the nearest {n}|why is the {n} {a}|why is the sky blue|what is the meaning of life|"
    "who was {m}|who is {m}|tell me about {m}|where does {m} live|what time is it|what day is today|what is the date|"
    "write a python function|write a program in java|fix my code|write a function that sorts a list|explain quantum physics|"
    "explain kubernetes|what is docker|recommend a book|recommend a film about a {n}|give me a recipe with {n}|"
    "how do i cook {n}|book a flight to {c}|plan a trip to {c}|call {m}|send an email to {m}|play some music|"
    "what is {x} times {y}|what is {x} * {y}|{x} * {y}|{x} x {y}|what is {x} minus {y}|{x} - {y}|what is {x} divided by {y}|"
    "{x} / {y}|what is the square root of {x}|is {x} a prime number|what is {big} + {y}|{big} + {big}|what is {x} + {big}|"
    "add {big} and {y}|{x} + {y} + {x}|summarize this text|summarise the {n} for me|draw a {n}|show me a picture of a {n}|"
    "what do you think of {c}|do you like {n}|do you love me|sing a song|who won the match|who wrote the {n}|"
    "how old is {m}|how tall is the {n}|how far is {c}|how many {n}s are there|how do you spell {n}|is the {n} {a}|"
    "what rhymes with {n}|what is the opposite of {a}|make a list of {n}s|give me ideas for a {n}|my {n} is broken|"
    "i lost my {n}|i am bored|i am hungry|i feel sad|help me with my homework|asdf|foo bar|lorem ipsum|blah blah|"
    "{w}|{w} {w}|{w} {w} {w}|the {n} {v} the {n}|what does {w} mean|who invented the {n}|when was the {n} built|"
    "what happened in 19{y}|where is {c}|what is the currency of {c}|what is the flag of {c}|how many stars are there").split("|")
