package post

import (
	"strconv"
	"strings"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
)

// The rules of CheckTemplate, besides RuleLong.
const (
	RuleTemplateUnknown = "template_unknown" // no account of ours has it among those that are approved
	RuleTemplateParams  = "template_params"  // what is filled in is not what it takes
)

// Among finds the approved text that the template is.
func (t Template) Among(approved []channel.KnownTemplate) (channel.KnownTemplate, bool) {
	for _, k := range approved {
		if k.Name == t.Name && k.Language == t.Language {
			return k, true
		}
	}
	return channel.KnownTemplate{}, false
}

// Reads is what the person gets to read: the approved text with what is filled in, each run of blanks in that as one space, as
// the network is told it. What is not filled in yet stays a place.
func (t Template) Reads(k channel.KnownTemplate) string {
	parts := strings.Split(k.Body, "{{")
	var out strings.Builder
	out.WriteString(parts[0])
	for _, part := range parts[1:] {
		number, rest, closed := strings.Cut(part, "}}")
		n, err := strconv.Atoi(strings.TrimSpace(number))
		said := ""
		if closed && err == nil && n >= 1 && n <= len(t.Params) {
			said = NormaliseForCompare(t.Params[n-1])
		}
		if said == "" {
			said, rest = "{{", part
		}
		out.WriteString(said + rest)
	}
	return out.String()
}

// CheckTemplate gives what keeps the template from being sent that only who knows the approved texts can tell. What is wrong
// with it whatever those are, CheckPiece tells.
func CheckTemplate(t Template, approved []channel.KnownTemplate) []Finding {
	rule, _ := PublicationRuleOf(mention.WhatsApp)
	f := &finder{rule: rule}
	k, known := t.Among(approved)
	switch {
	case t.Name == "" || t.Language == "":
	case !known:
		f.add(RuleTemplateUnknown, LevelError, FieldText, "La plantilla «"+t.Name+"» ("+t.Language+") no está entre las aprobadas por WhatsApp. Elige otra.")
	case len(t.Params) != k.Params:
		f.add(RuleTemplateParams, LevelError, FieldText, "La plantilla «"+t.Name+"» lleva "+data(k.Params)+" y tiene "+data(len(t.Params))+". Complétalos todos.")
	default:
		if n := rule.Unit.Count(t.Reads(k)); n > rule.Max {
			f.add(RuleLong, LevelError, FieldText, "La plantilla completa tiene "+thousands(n)+" caracteres y el máximo es "+thousands(rule.Max)+". Acorta los datos.")
		}
	}
	return f.found
}

// data counts what is filled in.
func data(n int) string {
	if n == 1 {
		return "1 dato"
	}
	return strconv.Itoa(n) + " datos"
}
