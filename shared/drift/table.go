package drift

import (
	"strconv"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
)

// Table is the report as rows of text, for spreadsheets: the first names the columns (red, periodo, cifra, valor, bajo, alto, de,
// aviso). Red is "todas" for the total; a week's rows carry its Monday, the others "total".
func (r Report) Table() [][]string {
	out := [][]string{{"red", "periodo", "cifra", "valor", "bajo", "alto", "de", "aviso"}}
	for _, f := range append([]Figures{r.Total}, r.Networks...) {
		out = append(out, f.rows()...)
	}
	return out
}

const all = "todas"

func (f Figures) rows() [][]string {
	name := nameOf(f.Network)
	level := map[string]Level{}
	for _, one := range f.Findings {
		level[one.Code] = one.Level
	}
	mentions, before := strconv.Itoa(f.Mentions), strconv.Itoa(f.Before)
	line := func(what string, value *float64, of string) []string {
		return []string{name, "total", what, text(value), "", "", of, string(level[what])}
	}
	out := [][]string{
		{name, "total", "menciones", mentions, "", "", "", ""},
		{name, "total", "menciones_antes", before, "", "", "", ""},
		line("psi", f.PSI, mentions), line("desconocido", f.Unknown.Now, mentions), line("desconocido_antes", f.Unknown.Before, before),
		line("entropia", f.Entropy.Now, mentions), line("entropia_antes", f.Entropy.Before, before),
		f.Corrected.row(name, "total", "correcciones", level["correcciones"]), f.Blind.Accuracy.row(name, "total", "ciega_acierto", level["ciega"]),
		line("ciega_macro_f1", f.Blind.MacroF1, strconv.Itoa(f.Blind.Accuracy.Of)), f.Shadow.row(name, "total", "sombra_acuerdo", level["sombra"]),
	}
	for _, c := range f.Classes {
		out = append(out, share(c.Count, f.Mentions).row(name, "total", "clase_"+string(c.Intent), ""))
	}
	for _, gold := range classify.Intents() {
		for _, said := range classify.Intents() {
			if n := f.Blind.Confusion[gold][said]; n > 0 {
				out = append(out, []string{name, "total", "ciega_" + string(gold) + "_por_" + string(said), strconv.Itoa(n), "", "", strconv.Itoa(f.Blind.Accuracy.Of), ""})
			}
		}
	}
	return append(out, f.weekRows()...)
}

func (f Figures) weekRows() (out [][]string) {
	name := nameOf(f.Network)
	for _, w := range f.Weeks {
		of := strconv.Itoa(w.Mentions)
		out = append(out,
			[]string{name, w.Monday, "psi", text(w.PSI), "", "", of, ""}, []string{name, w.Monday, "desconocido", text(w.Unknown), "", "", of, ""},
			[]string{name, w.Monday, "entropia", text(w.Entropy), "", "", of, ""}, w.Corrected.row(name, w.Monday, "correcciones", ""),
		)
	}
	return out
}

func (s Share) row(name, when, what string, level Level) []string {
	return []string{name, when, what, text(s.Rate), text(s.Low), text(s.High), strconv.Itoa(s.Of), string(level)}
}

func nameOf(n mention.Network) string {
	if n == "" {
		return all
	}
	return string(n)
}

func text(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}
