package post

import (
	"cmp"
	"slices"
	"strconv"
)

// Kind is what a text is to become, which decides how strictly it is read; spoken of by its name.
type Kind string

// The kinds.
const (
	KindReplyPublic  Kind = "reply_public"
	KindReplyPrivate Kind = "reply_private"
	KindPost         Kind = "post"
	KindTemplate     Kind = "template" // a text that is filled in and said again, perhaps much later
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{KindReplyPublic, KindReplyPrivate, KindPost, KindTemplate} }

// Known reports whether the kind exists.
func (k Kind) Known() bool { return slices.Contains(Kinds(), k) }

// The rules of Lint.
const (
	RuleFormal    = "formal_address" // usted, where the State says tú
	RuleSentence  = "sentence_long"
	RuleData      = "data_request"  // asks for personal data
	RuleRelative  = "relative_date" // hoy, mañana: the reader does not know from when
	RuleAcronym   = "acronym"       // a sigla nobody explained
	RuleAuthority = "authority"     // a title or a name: personal promotion
	RuleElectoral = "electoral"
)

// maxWords is how many words a sentence may have (SGD guide of voice and tone).
const maxWords = 20

// Linter reads texts by tables of words that are part of the program. It does not change once made and may be shared.
type Linter struct {
	rules []lintRule
	known map[string]bool // siglas that need no explanation
}

// NewLinter reads the tables once; its error names the line that is wrong, which no program that passes its tests has.
func NewLinter() (*Linter, error) {
	rules, err := lintRules()
	if err != nil {
		return nil, err
	}
	return &Linter{rules: rules, known: knownAcronyms()}, nil
}

// Lint reads a text as the State's guide of voice and tone, our protocol of answers and the Contraloría's rules for official
// accounts would have it (domain.md §4 and §7), and gives what it finds in the order of the text. The words it knows are data
// (data/lint.tsv, data/autoridades.tsv, data/siglas.tsv). A kind that is none is read as a post.
func (l *Linter) Lint(text string, as Kind) []Finding {
	if !as.Known() {
		as = KindPost
	}
	sentences := sentencesOf(text)
	found := l.wordFindings(sentences, as)
	for _, s := range sentences {
		if n := len(s); n > maxWords {
			found = append(found, Finding{
				Rule: RuleSentence, Level: LevelWarning, Field: FieldText, Start: s[0].start, End: s[n-1].end,
				Message: "Esta frase tiene " + strconv.Itoa(n) + " palabras. Sepárala en frases de " + strconv.Itoa(maxWords) + " o menos.",
			})
		}
	}
	found = append(found, l.acronyms(sentences)...)
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(a.Start-b.Start, b.End-a.End, cmp.Compare(a.Rule, b.Rule))
	})
	return found
}

// wordFindings gives what the patterns find. What a fine pattern of the same rule covers is none; of those that overlap the
// graver stays, then the longer.
func (l *Linter) wordFindings(sentences [][]word, as Kind) []Finding {
	var kept []hit
	for _, s := range sentences { // what overlaps stands in one sentence
		kept = append(kept, l.hitsIn(s, as)...)
	}
	var found []Finding
	for _, h := range kept {
		if h.level != levelFine {
			found = append(found, Finding{
				Rule: h.rule, Level: h.level, Field: FieldText, Start: h.start, End: h.end, Message: advice(h.rule, h.level, as),
			})
		}
	}
	return found
}

// hitsIn gives what stays of what the patterns find in one sentence.
func (l *Linter) hitsIn(s []word, as Kind) []hit {
	var hits, kept []hit
	for _, r := range l.rules {
		if slices.Contains(r.kinds, as) {
			hits = append(hits, r.in(s)...)
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(a.level.rank()-b.level.rank(), (b.end-b.start)-(a.end-a.start))
	})
	taken := map[string][]bool{} // by rule, which runes of the sentence a kept one covers
	for _, h := range hits {
		runes := taken[h.rule]
		if runes == nil {
			runes = make([]bool, s[len(s)-1].end-s[0].start)
			taken[h.rule] = runes
		}
		runes = runes[h.start-s[0].start : h.end-s[0].start]
		if slices.Contains(runes, true) {
			continue
		}
		for i := range runes {
			runes[i] = true
		}
		kept = append(kept, h)
	}
	return kept
}

// advice is what the author of a text reads about a finding.
func advice(rule string, level Level, as Kind) string {
	grave := level == LevelError
	switch {
	case rule == RuleFormal && grave:
		return "Trata de tú a quien te lee, no de usted."
	case rule == RuleFormal:
		return "Esto puede sonar a usted. Si le hablas a quien te lee, trátalo de tú."
	case rule == RuleData && as == KindReplyPrivate:
		return "Evita pedir datos personales por mensaje. Es más seguro enlazar el Buzón Ciudadano."
	case rule == RuleData:
		return "No pidas datos personales en público. Invita a seguir por mensaje privado o enlaza el Buzón Ciudadano."
	case rule == RuleRelative:
		return "Escribe la fecha completa. Quien lo lea otro día no sabrá de qué día hablas."
	case rule == RuleAuthority && grave:
		return "No nombres a autoridades: las cuentas del servicio no hacen promoción personal. Escribe el nombre de la institución."
	case rule == RuleAuthority:
		return "Nombrar un cargo puede parecer promoción personal. Revisa si basta el nombre de la institución."
	case rule == RuleElectoral && grave:
		return "Las cuentas del servicio no difunden contenido electoral. Quítalo."
	case rule == RuleElectoral:
		return "Esto puede leerse como contenido electoral. Revisa que no lo sea."
	default:
		return "Revisa esta parte del texto."
	}
}
