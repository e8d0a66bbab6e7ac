package classify

// Intent is what SENCE has to do about a mention, in the codes of the labelling guide.
type Intent string

// The six intents, in order of precedence when several apply.
const (
	Denuncia     Intent = "denuncia"
	Reclamo      Intent = "reclamo"
	Consulta     Intent = "consulta"
	Sugerencia   Intent = "sugerencia"
	Felicitacion Intent = "felicitacion"
	Spam         Intent = "spam"
)

// Intents lists the intents by precedence.
func Intents() []Intent {
	return []Intent{Denuncia, Reclamo, Consulta, Sugerencia, Felicitacion, Spam}
}

// Rank is the intent's place in Intents, from 0; unknown intents rank last.
func (i Intent) Rank() int {
	for n, known := range Intents() {
		if i == known {
			return n
		}
	}
	return len(Intents())
}

// Known reports whether i is one of Intents.
func (i Intent) Known() bool { return i.Rank() < len(Intents()) }

// Urgency says how soon a person must look; it alerts, it never sorts the queue (Ley 19.880 art. 7).
type Urgency string

// The urgencies, from most to least.
const (
	Critica Urgency = "critica"
	Alta    Urgency = "alta"
	Media   Urgency = "media"
	Baja    Urgency = "baja"
)

// Sentiment is the tone expressed, derived from the intent's cues.
type Sentiment string

// The sentiments.
const (
	Negativo Sentiment = "negativo"
	Neutro   Sentiment = "neutro"
	Positivo Sentiment = "positivo"
)

// Subtype is a kind of an intent.
type Subtype string

// The subtypes, each under its intent. Spam that is neither of the two advertises something.
const (
	Apelacion Subtype = "apelacion"      // reclamo: against a decision
	SAIP      Subtype = "saip"           // consulta: Ley 20.285
	Derechos  Subtype = "derechos_datos" // consulta: Ley 21.719
	Politico  Subtype = "politico"       // spam
	Ruido     Subtype = "ruido"          // spam: chat, tags, another agency's matter
)

// Reason is one thing that a text has and how much it spoke for the intent: Kind is regla, palabra or clase; Text the pattern of the
// rule, the word or pair of words, or the name of the class. Words are of the masked text: results that are kept keep rules only.
type Reason struct {
	Kind   string  `json:"kind"`
	Text   string  `json:"text"`
	Weight float64 `json:"weight"`
}

// Span is a stretch of personal data: Type is one of rut, telefono, email, clave, cuenta, tarjeta; Start and End are rune
// offsets into the text, End exclusive.
type Span struct {
	Type  string `json:"type"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

// Result is what the classifier says of one text. Probabilities of the six intents sum to 1; Set holds the intents that
// cannot be ruled out, Intent first; Flags and Reasons are codes and rules, never words of the text; Model names the
// version that decided.
type Result struct {
	Intent        Intent             `json:"intent"`
	Probabilities map[Intent]float64 `json:"probabilities"`
	Set           []Intent           `json:"set"`
	Urgency       Urgency            `json:"urgency"`
	Topics        []string           `json:"topics"`
	Sentiment     Sentiment          `json:"sentiment"`
	PII           []Span             `json:"pii"`
	Flags         []string           `json:"flags"`
	Reasons       []string           `json:"reasons,omitempty"`
	Model         string             `json:"model"`
	// Fold is how much of a case may be in it for it to be folded as spam, as the model says.
	Fold float64 `json:"-"`
	// Subtype is what kind of its intent it is, where that has consequences of its own; empty for the rest.
	Subtype Subtype `json:"subtype,omitempty"`
	// Language is the language of the text (BCP 47), es where no other is clear.
	Language string `json:"language,omitempty"`
	// Why is what spoke most for Intent and against the next one, most first; Reasons are its rules, by themselves.
	Why []Reason `json:"why,omitempty"`
	// Unknown is the share of what the text has that the model has never met, from 0 to 1.
	Unknown float64 `json:"unknown"`
	// Shadow is what a second model says of the same text, where one runs beside the first; nothing is done with it.
	Shadow *Judgement `json:"shadow,omitempty"`
}
