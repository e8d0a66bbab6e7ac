package post

import (
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
)

// The rules of CheckPiece, by the names the console and outside callers know them by.
const (
	RuleNetwork     = "network_unknown"
	RuleUnreadable  = "text_unreadable"
	RuleControl     = "text_control"
	RuleEmpty       = "text_empty"
	RuleLong        = "text_too_long"
	RuleHashtags    = "hashtags"
	RuleCashtags    = "cashtags"
	RuleLink        = "link_invalid"
	RuleForeignLink = "link_foreign"
	RuleLinkCost    = "link_cost"
	RuleTemplate    = "template"
	RuleNoMedia     = "media_missing"
	RuleMediaKind   = "media_kind"
	RuleMediaMixed  = "media_mixed"
	RuleMediaCount  = "media_count"
	RuleMediaType   = "media_type"
	RuleMediaSize   = "media_size"
	RuleMediaRatio  = "media_ratio"
	RuleMediaTime   = "media_duration"
	RuleMediaPixels = "media_pixels"
	RuleAlt         = "alt_missing"
	RuleAltLong     = "alt_too_long"
)

// finder collects the findings of one piece for one network.
type finder struct {
	rule  PublicationRule
	piece Piece
	name  string
	found []Finding
}

func (f *finder) add(rule string, level Level, field, message string) {
	f.span(rule, level, field, 0, 0, message)
}

func (f *finder) span(rule string, level Level, field string, start, end int, message string) {
	f.found = append(f.found, Finding{
		Rule: rule, Level: level, Network: f.rule.Network, Field: field, Start: start, End: end, Message: message,
	})
}

// CheckPiece gives everything that keeps a piece from being published on network n, and what its author should look at, in the
// order of text, link and files. What is not known of a file (0) is not held against it.
func CheckPiece(n mention.Network, p Piece) []Finding {
	rule, known := PublicationRuleOf(n)
	f := &finder{rule: rule, piece: p, name: n.Title()}
	if !known {
		f.add(RuleNetwork, LevelError, FieldText, "Esa red no existe.")
		return f.found
	}
	if rule.ByTemplate {
		f.template()
	} else {
		f.text()
		f.tags()
		f.link()
		f.media()
	}
	f.alts()
	return f.found
}

func (f *finder) text() {
	text := f.piece.Text
	whole := Compose(f.rule.Network, f.piece)
	if !utf8.ValidString(text) {
		f.add(RuleUnreadable, LevelError, FieldText, "El texto contiene caracteres que no se pueden leer. Escríbelo de nuevo.")
	}
	if hasControl(text) {
		f.add(RuleControl, LevelError, FieldText, "El texto contiene caracteres invisibles de control. Bórralos o escribe el texto de nuevo.")
	}
	if NormaliseForCompare(whole) == "" && len(f.piece.Media) == 0 && f.piece.Link == "" && !f.rule.NeedsMedia {
		f.add(RuleEmpty, LevelError, FieldText, "Escribe un texto o agrega un archivo antes de publicar.")
	}
	long := f.rule.Unit.Count(whole)
	if long <= f.rule.Max {
		return
	}
	with := ""
	if whole != text {
		with = " con su enlace"
	}
	start, end := f.excess()
	f.span(RuleLong, LevelError, FieldText, start, end, "El texto"+with+" tiene "+thousands(long)+" "+f.rule.Unit.words()+
		" y el máximo en "+f.name+" es "+thousands(f.rule.Max)+". Acórtalo.")
}

// excess gives which runes of the text are too many; none (0, 0) when it is the link alone that does not fit.
func (f *finder) excess() (start, end int) {
	runes := []rune(f.piece.Text)
	cut := sort.Search(len(runes), func(n int) bool {
		p := f.piece
		p.Text = string(runes[:n+1])
		return f.rule.Unit.Count(Compose(f.rule.Network, p)) > f.rule.Max
	})
	if cut == len(runes) {
		return 0, 0
	}
	return cut, len(runes)
}

// tags counts hashtags and cashtags, in the text alone.
func (f *finder) tags() {
	hashtags := tagsOf(f.piece.Text, `#＃`, func(tag string) bool { return strings.ContainsFunc(tag, unicode.IsLetter) })
	if n := len(hashtags); f.rule.Hashtags > 0 && n > f.rule.Hashtags {
		f.span(RuleHashtags, LevelError, FieldText, hashtags[f.rule.Hashtags][0], hashtags[n-1][1],
			"Hay "+strconv.Itoa(n)+" etiquetas (#) y "+f.name+" acepta "+strconv.Itoa(f.rule.Hashtags)+". Quita las que sobran.")
	} else if f.rule.Advised > 0 && n > f.rule.Advised {
		f.span(RuleHashtags, LevelWarning, FieldText, hashtags[f.rule.Advised][0], hashtags[n-1][1],
			"Hay "+strconv.Itoa(n)+" etiquetas (#). "+f.name+" puede mostrar solo "+strconv.Itoa(f.rule.Advised)+".")
	}
	cashtags := tagsOf(f.piece.Text, `$＄`, regexp.MustCompile(`^[A-Za-z]{1,6}$`).MatchString)
	if n := len(cashtags); f.rule.Cashtags > 0 && n > f.rule.Cashtags {
		f.span(RuleCashtags, LevelError, FieldText, cashtags[f.rule.Cashtags][0], cashtags[n-1][1],
			f.name+" acepta una sola palabra con signo $ por publicación. Quita las otras o escribe la palabra sin el signo.")
	}
}

// tagsOf gives where the words behind one of the marks begin and end, in runes, the mark included.
func tagsOf(text, marks string, accept func(string) bool) [][2]int {
	runes := []rune(text)
	var out [][2]int
	for i := 0; i < len(runes); i++ {
		if !strings.ContainsRune(marks, runes[i]) || i > 0 && (wordRune(runes[i-1]) || strings.ContainsRune(marks+"&", runes[i-1])) {
			continue
		}
		end := i + 1
		for end < len(runes) && wordRune(runes[end]) {
			end++
		}
		if accept(string(runes[i+1 : end])) {
			out = append(out, [2]int{i, end})
		}
		i = end - 1
	}
	return out
}

func wordRune(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// link looks at the link and, where a post with one costs more, at those of the text too.
func (f *finder) link() {
	if f.piece.Link != "" {
		switch u, err := url.Parse(f.piece.Link); {
		case err != nil || u.Scheme != "https" || u.User != nil || !strings.Contains(u.Hostname(), ".") ||
			strings.ContainsFunc(f.piece.Link, unicode.IsSpace):
			f.add(RuleLink, LevelError, FieldLink, "El enlace no sirve. Escríbelo completo, desde https://.")
		case !official(u.Hostname()):
			f.add(RuleForeignLink, LevelWarning, FieldLink, "El enlace no es de un sitio gob.cl ni de SENCE. Revisa que sea el correcto.")
		}
	}
	dear, plain := channel.Price(f.rule.Network, channel.CostPostLink), channel.Price(f.rule.Network, channel.CostPost)
	if dear <= plain || !HasLink(Compose(f.rule.Network, f.piece)) {
		return
	}
	field := FieldLink
	if f.piece.Link == "" {
		field = FieldText
	}
	f.add(RuleLinkCost, LevelWarning, field, "Con un enlace, publicar en "+f.name+" cuesta "+dollars(dear)+" USD; sin enlace, "+dollars(plain)+".")
}

// official reports whether a host is the institution's or another of the State.
func official(host string) bool {
	host = "." + strings.ToLower(host)
	return strings.HasSuffix(host, ".gob.cl") || strings.HasSuffix(host, ".sence.cl")
}

// dollars writes millionths of a dollar the Chilean way, to at least two decimals: 0,20 and 0,015.
func dollars(micros int64) string {
	s := strconv.FormatFloat(float64(micros)/1e6, 'f', -1, 64)
	whole, part, _ := strings.Cut(s, ".")
	for len(part) < 2 {
		part += "0"
	}
	return whole + "," + part
}

// template looks at what goes out where only a template may (developers.facebook.com, WhatsApp, Message templates: what is
// filled in holds no line break, no tab and no more than four blanks in a row).
func (f *finder) template() {
	t := f.piece.Template
	if t == nil || t.Name == "" || t.Language == "" {
		f.add(RuleTemplate, LevelError, FieldText, "En WhatsApp solo se publica con una plantilla aprobada. Elige una o quita WhatsApp.")
		return
	}
	for i, param := range t.Params {
		place := "El dato " + strconv.Itoa(i+1) + " de la plantilla "
		switch {
		case strings.TrimSpace(param) == "":
			f.add(RuleTemplateParams, LevelError, FieldText, place+"está vacío. Complétalo.")
		case strings.ContainsAny(param, "\n\r\t") || strings.Contains(param, "     "):
			f.add(RuleTemplateParams, LevelError, FieldText, place+"tiene saltos de línea o muchos espacios seguidos. Quítalos.")
		case f.rule.Unit.Count(param) > f.rule.Max:
			f.add(RuleLong, LevelError, FieldText, place+"tiene "+thousands(f.rule.Unit.Count(param))+" caracteres y el máximo es "+thousands(f.rule.Max)+". Acórtalo.")
		}
	}
	if len(f.piece.Media) > 0 {
		f.add(RuleMediaKind, LevelWarning, FieldMedia, "La plantilla de WhatsApp sale sin archivos.")
	}
}
