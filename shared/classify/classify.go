// Package classify proposes what a mention asks for, how urgent it is and what it is about, and finds the personal data
// in it.
//
// Inside is a linear model over words, letters and hand-written rules, trained on mentions written for this project and on nothing
// else (docs/es/clasificador.md says how well it does on voices it has never read). Rules may raise the urgency; everything else
// they only suggest. Nothing here decides: a person or a rule of the protocol does, and a text the model does not understand is
// shown, never put away.
package classify

import (
	"cmp"
	_ "embed"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"

	"sence.gob.cl/gestor/shared/mention"
)

// Normaliser names how texts are read before they are scored; a model is good for one of them.
const Normaliser = "n3"

// maxRunes is how much of a text is scored; personal data is looked for in all of it.
const maxRunes = 2000

// The flags a result may carry beside those the rule table names with marca:.
const (
	FlagNoText     = "sin_texto"          // nothing to read: images, handles, links
	FlagInjection  = "sospecha_inyeccion" // a part speaks to the classifier; scored without it
	FlagIrony      = "ironia_posible"     // praise beside a failure
	FlagAccuses    = "acusacion_posible"  // words of a denuncia in what is taken for something else
	FlagPersonal   = "datos_personales"   // PII is not empty
	FlagExposed    = "datos_expuestos"    // the same, where everybody reads it
	FlagTruncated  = "truncado"           // only the first part was scored
	FlagLife       = "riesgo_vida"        // a life may be at risk
	FlagDataRights = "derechos_datos"     // asks for access, correction or deletion of personal data
	FlagSAIP       = "saip"               // a request under Ley 20.285
	FlagAppeal     = "apelacion"          // against a decision
	FlagPolitics   = "politico"           // about politics
	FlagSelling    = "venta"              // offers something
	FlagLanguage   = "idioma"             // not in Spanish
	FlagTags       = "solo_cuentas"       // names other people's accounts and says nothing
)

const (
	headService = "servicio"
	headFlag    = "marca:"
	headTopic   = "tema:"
	topicOther  = "otro"
	topicCourse = "cursos"
	// denunciaDoubt is the share of denuncia above which nothing else may be sure: it would expose who denounces.
	denunciaDoubt = 0.05
	// accuses is the weight of denuncia among the rules that were found from which on nothing else may be sure, for the same reason.
	accuses = 2.4
	// setMass is the probability that Result.Set covers.
	setMass = 0.9
)

// Input is a mention as the classifier sees it.
type Input struct {
	Text    string
	Network mention.Network
	Public  bool // everybody can read it
	// Parent is what the item it answers is about, as codes of topics; Open tells that its author has an open case with us.
	Parent []string
	Open   bool
}

// Flag reports whether the result carries the flag.
func (r Result) Flag(name string) bool { return slices.Contains(r.Flags, name) }

// Confident reports whether the proposal may be acted upon without a person: the intent reaches the threshold, nothing in
// the text speaks to the classifier, is ironical or unreadable, and it is no denuncia in disguise.
func (r Result) Confident(threshold float64) bool {
	if r.Flag(FlagInjection) || r.Flag(FlagNoText) || r.Flag(FlagIrony) || r.Flag(FlagAccuses) || r.Flag(FlagTruncated) {
		return false
	}
	return r.Probabilities[r.Intent] >= threshold && (r.Intent == Denuncia || r.Probabilities[Denuncia] < denunciaDoubt)
}

// Classifier holds the rules and a model. It does not change once made and may be shared.
type Classifier struct {
	rules     []rule
	topics    []string
	matters   map[string]bool // the topics that are no programme
	injection *regexp.Regexp
	model     *Linear
	name      string
	lexicon   lexicon
	languages languages
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
	catalogue, aliases, err := parseTopics(topicsTable)
	if err != nil {
		panic("classify: " + err.Error())
	}
	topics, matters := make([]string, 0, len(catalogue)), map[string]bool{}
	for _, t := range catalogue {
		topics, matters[t.Code] = append(topics, t.Code), t.State == TopicMatter
	}
	rules, err := parseRules(rulesTable)
	if err != nil {
		panic("classify: " + err.Error())
	}
	rules = append(rules, aliases...)
	lexicon, err := parseLexicon(classesTable)
	if err != nil {
		panic("classify: " + err.Error())
	}
	languages, err := parseLanguages(languagesTable)
	if err != nil {
		panic("classify: " + err.Error())
	}
	name := ""
	if model != nil {
		name = model.Name + "/" + Normaliser
	}
	return &Classifier{
		rules: rules, topics: topics, matters: matters, lexicon: lexicon, languages: languages, injection: regexp.MustCompile(injectionPattern), model: model, name: name,
		starts: startsOf(rules),
		spare:  &sync.Pool{New: func() any { return &scratch{} }},
	}
}

// Topics lists the topics, in the order of the model's columns.
func (c *Classifier) Topics() []string { return slices.Clone(c.topics) }

// Model names the model and how it reads, for stored results.
func (c *Classifier) Model() string { return c.name }

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
	r := Result{Model: c.name, PII: read.pii, Flags: []string{}, Reasons: []string{}, Topics: []string{}}
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
	tags := len(s.words) == 0 && !injected && tagsOthers(read.normal)
	mark(tags, FlagTags)
	r.Language = c.languages.of(s.words)
	mark(r.Language != spanish, FlagLanguage)
	if len(s.words) == 0 {
		s.unread(read.rest, injected, tags && !in.Open)
		r.Probabilities = softmax(s.intents)
		r.Intent = cheapest(r.Probabilities, leaning(0))
		r.Set = ranked(r.Probabilities, r.Intent, setMass)
		r.Urgency, r.Sentiment, r.Topics = Baja, s.sentiment(r.Intent), []string{topicOther}
	} else {
		c.decide(&r, read, with)
		mark(c.ironic(r, s), FlagIrony)
		mark(r.Intent != Denuncia && s.intents[Denuncia] >= accuses, FlagAccuses)
	}
	c.placed(&r, in)
	return r
}

// placed takes in what the words do not say: what they answer, and whether their author waits for something already.
func (c *Classifier) placed(r *Result, in Input) {
	r.Topics = c.under(*r, in.Parent)
	if in.Open && r.Urgency == Baja && (r.Intent == Reclamo || r.Intent == Consulta) {
		r.Urgency = Media // somebody's own case
	}
	r.Subtype = r.subtype()
}

// subtype tells the kind of the intent, by what the rules found.
func (r *Result) subtype() Subtype {
	switch {
	case r.Intent == Reclamo && r.Flag(FlagAppeal):
		return Apelacion
	case r.Intent == Consulta && r.Flag(FlagSAIP):
		return SAIP
	case r.Intent == Consulta && r.Flag(FlagDataRights):
		return Derechos
	case r.Intent == Spam && r.Flag(FlagPolitics):
		return Politico
	case r.Intent == Spam && !r.Flag(FlagSelling):
		return Ruido
	default:
		return ""
	}
}

// tagsOthers reports whether a normalized text names an account that is not the institution's.
func tagsOthers(normal string) bool {
	for _, field := range strings.Fields(normal) {
		if name, ok := strings.CutPrefix(field, "@"); ok && !strings.Contains(name, "sence") {
			return true
		}
	}
	return false
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

// mayCommand reports whether a text has any of the beginnings of which injectionPattern needs one: most have none, and the expression
// is dear.
func mayCommand(normal string) bool {
	for _, part := range [...]string{
		"ignor", "olvid", "omit", "descart", "clasific", "etiquet", "categoriz", "marc", "label", "classify", "tag", "mark", "system", "assist", "user",
		"sistem", "mode", "modo", "you are", "prompt", "jailb", "eres", "act", "inten", "urgency", "<|",
	} {
		if strings.Contains(normal, part) {
			return true
		}
	}
	return false
}

// withoutInjection drops, in each clause, what follows from where it speaks to the classifier.
func (c *Classifier) withoutInjection(normal string) string {
	if !mayCommand(normal) || !c.injection.MatchString(normal) {
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

// ranked gives the chosen intent and then the likeliest others, precedence deciding ties, until they cover so much.
func ranked(p map[Intent]float64, chosen Intent, cover float64) []Intent {
	others := slices.DeleteFunc(Intents(), func(i Intent) bool { return i == chosen })
	slices.SortStableFunc(others, func(a, b Intent) int { return cmp.Compare(p[b], p[a]) })
	set, mass := []Intent{chosen}, p[chosen]
	for _, i := range others {
		if mass >= cover {
			break
		}
		set, mass = append(set, i), mass+p[i]
	}
	return set
}
