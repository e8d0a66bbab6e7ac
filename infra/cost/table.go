package cost

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// million is what the tables count mentions in.
const million = 1e6

// Write prints every table in Markdown, in Spanish, with decimal commas.
func (m Model) Write(w io.Writer) error {
	var b strings.Builder
	m.writeCounts(&b)
	m.writeKinds(&b)
	m.writeFixed(&b)
	m.writeYear(&b)
	m.writeAssumptions(&b)
	m.writePrices(&b)
	_, err := io.WriteString(w, b.String())
	if err != nil {
		return fmt.Errorf("cost: %w", err)
	}
	return nil
}

func (m Model) writeCounts(b *strings.Builder) {
	heading(b, "Lo que pide una mención", "Contado en el sistema local, con los programas que se despliegan. Promedio de diez de cada tipo.")
	head := []string{"Por mención"}
	for _, k := range Kinds() {
		head = append(head, string(k))
	}
	row(b, head...)
	rule(b, len(head))
	for _, one := range []struct {
		what string
		of   func(Use) float64
	}{
		{"Solicitudes a la API", func(u Use) float64 { return u.HTTP }},
		{"Invocaciones", invocations},
		{"Mensajes de cola, estándar", func(u Use) float64 { return u.Standard }},
		{"Mensajes de cola, FIFO", func(u Use) float64 { return u.FIFO }},
		{"Escrituras (WRU)", func(u Use) float64 { return u.Writes }},
		{"Lecturas (RRU)", func(u Use) float64 { return u.Reads }},
		{"Registro propio (bytes)", func(u Use) float64 { return u.Logs }},
		{"Queda guardado (KB)", func(u Use) float64 { return u.Stored / 1024 }},
	} {
		cells := []string{one.what}
		for _, k := range Kinds() {
			cells = append(cells, number(one.of(m.Counts.Kinds[k]), 1))
		}
		row(b, cells...)
	}
}

func invocations(u Use) float64 {
	var out float64
	for _, n := range u.Functions {
		out += n
	}
	return out
}

func (m Model) writeKinds(b *strings.Builder) {
	heading(b, "Un millón de menciones", "En dólares, "+Virginia+". La última fila, "+SaoPaulo+".")
	head := []string{"USD por millón"}
	columns := make([][]Line, 0, len(Kinds()))
	for _, k := range Kinds() {
		head = append(head, string(k))
		columns = append(columns, m.Variable(m.Counts.Kinds[k], Virginia, million))
	}
	row(b, head...)
	rule(b, len(head))
	for n := range columns[0] {
		cells := []string{columns[0][n].What}
		for _, c := range columns {
			cells = append(cells, number(c[n].USD, 2))
		}
		row(b, cells...)
	}
	total, south := []string{"**Total " + Virginia + "**"}, []string{"**Total " + SaoPaulo + "**"}
	for n, k := range Kinds() {
		total = append(total, "**"+number(sum(columns[n]), 2)+"**")
		south = append(south, "**"+number(sum(m.Variable(m.Counts.Kinds[k], SaoPaulo, million)), 2)+"**")
	}
	row(b, total...)
	row(b, south...)
}

func (m Model) writeFixed(b *strings.Builder) {
	heading(b, "Un mes sin nadie", "Lo que se paga aunque no llegue ninguna mención.")
	row(b, "USD al mes", Virginia, SaoPaulo)
	rule(b, 3)
	north, south := m.Fixed(Virginia), m.Fixed(SaoPaulo)
	for n, l := range north {
		row(b, l.What, number(l.USD, 2), number(south[n].USD, 2))
	}
	row(b, "**Total**", "**"+number(sum(north), 2)+"**", "**"+number(sum(south), 2)+"**")
}

func (m Model) writeYear(b *strings.Builder) {
	heading(b, "Un año de SENCE", "Con "+thousands(Requests2021)+" menciones, todas respondidas y cerradas.")
	row(b, "USD al año", Virginia, SaoPaulo)
	rule(b, 3)
	north, south := m.Year(Virginia, Requests2021), m.Year(SaoPaulo, Requests2021)
	for _, one := range []struct {
		what string
		of   func(Year) float64
	}{
		{"Menciones", func(y Year) float64 { return y.Mentions }},
		{"Entregas repetidas", func(y Year) float64 { return y.Repeats }},
		{fmt.Sprintf("Consola abierta (%s personas)", number(m.assume("people"), 0)), func(y Year) float64 { return y.Console }},
		{"Datos guardados y PITR, primer año", func(y Year) float64 { return y.Storage }},
		{"Fijo", func(y Year) float64 { return y.Fixed }},
		{"**Total**", Year.Total},
	} {
		row(b, one.what, number(one.of(north), 0), number(one.of(south), 0))
	}
	fmt.Fprintf(b, "\nUna persona con la consola abierta cuesta %s dólares al mes en %s.\n", number(sum(m.Person(Virginia)), 2), Virginia)
}

func (m Model) writeAssumptions(b *strings.Builder) {
	heading(b, "Supuestos", "Esto nadie lo contó. Cambia un número en `infra/cost/assumptions.json` y la tabla cambia.")
	row(b, "Supuesto", "Valor", "Por qué")
	rule(b, 3)
	for _, a := range m.assumed {
		row(b, "`"+a.ID+"`", number(a.Value, -1)+" "+a.Unit, a.Why)
	}
}

func (m Model) writePrices(b *strings.Builder) {
	heading(b, "Precios", "De "+m.Dated+", mirados el "+m.Seen+". Los marcados con * no están confirmados: míralos en la calculadora de AWS.")
	row(b, "Servicio", "Unidad", Virginia, SaoPaulo, "Fuente")
	rule(b, 5)
	for _, id := range m.priceOrder {
		p := m.prices[id]
		cell := func(region string) string {
			mark := ""
			if !p.Regions[region].Confirmed {
				mark = "*"
			}
			return number(p.Regions[region].USD, -1) + mark
		}
		unit := p.Unit
		if p.Per > 1 {
			unit = thousands(int(p.Per)) + " " + unit
		}
		source := "sin confirmar"
		if listed := p.Regions[Virginia]; listed.Source != "" {
			source = "<" + listed.Source + ">"
			if listed.Date != "" {
				source += " (" + listed.Date + ")"
			}
		}
		row(b, p.What, unit, cell(Virginia), cell(SaoPaulo), source)
	}
}

func heading(b *strings.Builder, title, says string) {
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	fmt.Fprintf(b, "### %s\n\n%s\n\n", title, says)
}

func row(b *strings.Builder, cells ...string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func rule(b *strings.Builder, columns int) {
	b.WriteString("|---|" + strings.Repeat("---:|", columns-1) + "\n")
}

// number prints with a decimal comma; -1 decimals means as many as there are.
func number(n float64, decimals int) string {
	if decimals >= 0 {
		n = math.Round(n*math.Pow10(decimals)) / math.Pow10(decimals)
	}
	return strings.Replace(strconv.FormatFloat(n, 'f', decimals, 64), ".", ",", 1)
}

// thousands prints a whole number with points between thousands.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "." + digits[i:]
	}
	return digits
}
