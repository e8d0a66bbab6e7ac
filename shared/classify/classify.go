// Package classify proposes what a mention asks for, how urgent it is and what it is about, and finds the personal data
// in it.
//
// Inside is a linear model over words, letters and hand-written rules, trained on mentions written for this project and on nothing
// else (docs/es/clasificador.md says how well it does on voices it has never read). Rules may raise the urgency; everything else
// they only suggest. Nothing here decides: a person or a rule of the protocol does, and a text the model does not understand is
// shown, never put away.
package classify

import (
	_ "embed"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"

	"sence.gob.cl/gestor/shared/mention"
)

// Normaliser names how texts are read before they are scored; a model is good for one of them.
const Normaliser = "n2"

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

// Classifier holds the rules and a model. It does not change once made and may be shared.
type Classifier struct {
	rules     []rule
	topics    []string
	injection *regexp.Regexp
	model     *Linear
	starts    starts
	spare     *sync.Pool
}

//go:embed modelo.bin
var trained []byte

// New gives the classifier with the model of this program. It panics when the tables in the program are broken, which its tests
// exclude.
func New() *Classifier {
	model, err := ReadLinear(trained)
	if err != nil {
		panic(err)
	}
	return NewWith(model)
}

// NewWith gives a classifier with another model: one being trained, or one that runs in the shadow of the current one. Without a
// model (nil) it can only tell features.
func NewWith(model *Linear) *Classifier {
	topics, err := topicCodes(taxonomyTable)
	if err != nil {
		panic("classify: taxonomy: " + err.Error())
	}
	rules, err := parseRules(rulesTable, topics)
	if err != nil {
		panic("classify: " + err.Error())
	}
	return &Classifier{
		rules: rules, topics: topics, injection: regexp.MustCompile(injectionPattern), model: model, starts: startsOf(rules),
		spare: &sync.Pool{New: func() any { return &scratch{} }},
	}
}

// Topics lists the topics, in the order of the model's columns.
func (c *Classifier) Topics() []string { return slices.Clone(c.topics) }

// Model names the model and how it reads, for stored results.
func (c *Classifier) Model() string { return c.model.Name + "/" + Normaliser }

// injectionPattern matches where a text begins to speak to a classifier instead of to the service.
const injectionPattern = `(?:ignor\w*|olvid\w*|omit\w*|descart\w*) (?:\w+ ){0,3}(?:instrucc\w*|anterior\w*|reglas|prompt)` +
	`|(?:clasific\w*|etiquet\w*|categoriz\w*|marc\w*|label|classify|tag|mark) (?:\w+ ){0,4}(?:como|as) (?:una? |an? )?` +
	`(?:spam|reclamo|consulta|sugerencia|felicitacion|denuncia|complaint|praise|urgent|critica|positiv|negativ|baja|alta)` +
	`|\b(?:system|assistant|user|sistema) ?:|developer mode|modo desarrollador|you are now|\bprompt\b|jailbreak` +
	`|(?:eres|actua|act) (?:\w+ ){0,3}(?:clasificador|classifier|asistente|modelo)|ignore (?:\w+ ){0,3}instructions` +
	`|"?(?:intent|intencion|urgency|label)"? ?[:=]|<\|`

// Classify gives the proposal for a mention. The same input always gives the same result.
func (c *Classifier) Classify(in Input) Result {
	with, _ := c.spare.Get().(*scratch)
	defer c.spare.Put(with)
	read := c.take(in, with)
	s := read.score
	r := Result{Model: c.Model(), PII: read.pii, Flags: []string{}, Reasons: []string{}, Topics: []string{}}
	r.Flags = append(r.Flags, s.flags...)
	mark := func(yes bool, name string) {
		if yes && !slices.Contains(r.Flags, name) {
			r.Flags = append(r.Flags, name)
		}
	}
	injected := read.rest != read.normal
	mark(read.cut, FlagTruncated)
	mark(injected, FlagInjection)
	mark(len(s.words) == 0 && !injected, FlagNoText)
	mark(len(r.PII) > 0, FlagPersonal)
	mark(len(r.PII) > 0 && in.Public, FlagExposed)
	if len(s.words) == 0 {
		s.unread(read.rest, injected)
		r.Probabilities = softmax(s.intents)
		r.Intent, r.Set = rank(r.Probabilities, setMass)
		r.Urgency, r.Sentiment, r.Topics = Baja, s.sentiment(r.Intent), []string{topicOther}
		return r
	}
	c.decide(&r, read, with)
	mark(c.ironic(r, s), FlagIrony)
	return r
}

// ironic reports praise beside a failure: what the words praise, the model takes for something else.
func (c *Classifier) ironic(r Result, s *score) bool {
	return s.intents[Felicitacion] >= 2 && (r.Intent == Reclamo || r.Probabilities[Reclamo] >= 0.3)
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

// rank gives the likeliest intent, precedence deciding ties, and the set that covers so much.
func rank(p map[Intent]float64, cover float64) (Intent, []Intent) {
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
	for n < len(order) && mass < cover {
		mass += p[order[n]]
		n++
	}
	return order[0], order[:n]
}
