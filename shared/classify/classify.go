// Package classify proposes what a mention asks for, how urgent it is and what it is about, and finds the personal data
// in it.
//
// What is inside are hand-written rules and nothing else: they were written with a small set of made-up mentions in sight
// and are not calibrated on real ones, so their probabilities only order mentions; they are no measured frequencies. A
// trained model will replace the inside; the types and functions stay. Nothing here decides: a person or a rule of the
// protocol does, and a text the rules do not understand is shown, never put away.
package classify

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// Model names the rules in stored results, so that a result can be told from one of a later model.
const Model = "reglas-1"

// maxRunes is how much of a text is scored; personal data is looked for in all of it.
const maxRunes = 2000

// The flags a result may carry beside those the rule table names with marca:.
const (
	FlagNoText     = "sin_texto"          // nothing to read: images, handles, links
	FlagInjection  = "sospecha_inyeccion" // a part speaks to the classifier; scored without it
	FlagIrony      = "ironia_posible"     // praise beside a failure
	FlagPersonal   = "datos_personales"   // PII is not empty
	FlagExposed    = "datos_expuestos"    // the same, where everybody reads it
	FlagTruncated  = "truncado"           // only the first part was scored
	FlagLife       = "riesgo_vida"        // a life may be at risk
	FlagDataRights = "derechos_datos"     // asks for access, correction or deletion of personal data
	FlagSAIP       = "saip"               // a request under Ley 20.285
)

const (
	headService = "servicio"
	headFlag    = "marca:"
	headTopic   = "tema:"
	topicOther  = "otro"
	topicCourse = "cursos"
	// denunciaDoubt is the share of denuncia above which nothing else may be sure: it would expose who denounces.
	denunciaDoubt = 0.05
	// setMass is the probability that Result.Set covers.
	setMass = 0.9
)

// Input is a mention as the classifier sees it.
type Input struct {
	Text    string
	Network mention.Network
	Public  bool // everybody can read it
}

// Flag reports whether the result carries the flag.
func (r Result) Flag(name string) bool { return slices.Contains(r.Flags, name) }

// Confident reports whether the proposal may be acted upon without a person: the intent reaches the threshold, nothing in
// the text speaks to the classifier, is ironical or unreadable, and it is no denuncia in disguise.
func (r Result) Confident(threshold float64) bool {
	if r.Flag(FlagInjection) || r.Flag(FlagNoText) || r.Flag(FlagIrony) || r.Flag(FlagTruncated) {
		return false
	}
	return r.Probabilities[r.Intent] >= threshold && (r.Intent == Denuncia || r.Probabilities[Denuncia] < denunciaDoubt)
}

// Classifier holds the rules. It does not change once made and may be shared.
type Classifier struct {
	rules     []rule
	topics    []string
	injection *regexp.Regexp
}

// New gives a classifier. It panics when the tables in the program are broken, which its tests exclude.
func New() *Classifier {
	topics, err := topicCodes(taxonomyTable)
	if err != nil {
		panic("classify: taxonomy: " + err.Error())
	}
	rules, err := parseRules(rulesTable, topics)
	if err != nil {
		panic("classify: " + err.Error())
	}
	return &Classifier{rules: rules, topics: topics, injection: regexp.MustCompile(injectionPattern)}
}

// injectionPattern matches where a text begins to speak to a classifier instead of to the service.
const injectionPattern = `(?:ignor\w*|olvid\w*|omit\w*|descart\w*) (?:\w+ ){0,3}(?:instrucc\w*|anterior\w*|reglas|prompt)` +
	`|(?:clasific\w*|etiquet\w*|categoriz\w*|marc\w*|label|classify|tag|mark) (?:\w+ ){0,4}(?:como|as) (?:una? |an? )?` +
	`(?:spam|reclamo|consulta|sugerencia|felicitacion|denuncia|complaint|praise|urgent|critica|positiv|negativ|baja|alta)` +
	`|\b(?:system|assistant|user|sistema) ?:|developer mode|modo desarrollador|you are now|\bprompt\b|jailbreak` +
	`|(?:eres|actua|act) (?:\w+ ){0,3}(?:clasificador|classifier|asistente|modelo)|ignore (?:\w+ ){0,3}instructions` +
	`|"?(?:intent|intencion|urgency|label)"? ?[:=]|<\|`

// Classify gives the proposal for a mention. The same input always gives the same result.
func (c *Classifier) Classify(in Input) Result {
	r := Result{Model: Model, PII: PII(in.Text), Flags: []string{}, Reasons: []string{}, Topics: []string{}}
	normal, cut := truncate(in.Text)
	normal = Normalize(normal)
	rest := c.withoutInjection(normal)
	s := c.read(rest)
	r.Flags = append(r.Flags, s.flags...)
	r.Reasons = append(r.Reasons, s.reasons...)
	mark := func(yes bool, name string) {
		if yes && !slices.Contains(r.Flags, name) {
			r.Flags = append(r.Flags, name)
		}
	}
	mark(cut, FlagTruncated)
	mark(rest != normal, FlagInjection)
	mark(len(s.words) == 0 && rest == normal, FlagNoText)
	mark(len(r.PII) > 0, FlagPersonal)
	mark(len(r.PII) > 0 && in.Public, FlagExposed)
	s.weigh(rest, rest != normal)
	mark(s.irony, FlagIrony)
	r.Probabilities = softmax(s.intents)
	r.Intent, r.Set = rank(r.Probabilities)
	r.Urgency = s.urgency(r.Intent, len(r.PII) > 0)
	r.Sentiment = s.sentiment(r.Intent)
	r.Topics = c.choose(s.topics)
	return r
}

// truncate gives the first maxRunes of a text and whether that cut it.
func truncate(text string) (string, bool) {
	n := 0
	for i := range text {
		if n++; n > maxRunes {
			return text[:i], true
		}
	}
	return text, false
}

// withoutInjection drops, in each clause, what follows from where it speaks to the classifier.
func (c *Classifier) withoutInjection(normal string) string {
	if !c.injection.MatchString(normal) {
		return normal
	}
	var kept []string
	for _, clause := range strings.FieldsFunc(normal, func(r rune) bool { return strings.ContainsRune(".!?;,\n", r) }) {
		if at := c.injection.FindStringIndex(clause); at != nil {
			clause = clause[:at[0]]
		}
		kept = append(kept, clause)
	}
	return strings.Join(kept, ". ")
}

// softmax turns scores into probabilities that sum to 1; no score is large enough to overflow.
func softmax(scores map[Intent]float64) map[Intent]float64 {
	p, sum := make(map[Intent]float64, len(Intents())), 0.0
	for _, i := range Intents() {
		p[i] = math.Exp(scores[i])
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// rank gives the likeliest intent, precedence deciding ties, and the set that covers setMass.
func rank(p map[Intent]float64) (Intent, []Intent) {
	order := Intents()
	slices.SortStableFunc(order, func(a, b Intent) int {
		switch {
		case p[a] > p[b]:
			return -1
		case p[a] < p[b]:
			return 1
		default:
			return 0
		}
	})
	mass, n := 0.0, 0
	for n < len(order) && mass < setMass {
		mass += p[order[n]]
		n++
	}
	return order[0], order[:n]
}

// choose gives the topics in the taxonomy's order: cursos only when nothing says which course or what about it, otro only
// when nothing is named.
func (c *Classifier) choose(found map[string]bool) []string {
	closer := []string{"despega_mipe", "becas_laborales", "cursos_linea", "formate", "franquicia", "otec", "certificados"}
	if slices.ContainsFunc(closer, func(topic string) bool { return found[topic] }) {
		delete(found, topicCourse)
	}
	chosen := []string{}
	for _, topic := range c.topics {
		if found[topic] {
			chosen = append(chosen, topic)
		}
	}
	if len(chosen) == 0 {
		chosen = append(chosen, topicOther)
	}
	return chosen
}
