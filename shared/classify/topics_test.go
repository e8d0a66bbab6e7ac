package classify

import (
	"slices"
	"strings"
	"testing"
)

func TestParseTopics_Refuses(t *testing.T) {
	const right = `{"version": "1", "fecha": "2026-11-30", "temas": [{"codigo": "bne", "nombre": "Bolsa", "estado": "vigente", "revisado": "2026-11-21", "alias": ["bolsa ; bne"]}]}`
	topics, rules, err := parseTopics([]byte(right))
	if err != nil || len(topics) != 1 || len(rules) != 1 || rules[0].head != "tema:bne" || len(rules[0].patterns) != 2 {
		t.Fatalf("a right table: %+v %+v %v", topics, rules, err)
	}
	for name, change := range map[string][2]string{
		"no date":          {`"2026-11-30"`, `"noviembre"`},
		"no version":       {`"version": "1"`, `"version": ""`},
		"an unknown field": {`"nombre"`, `"titulo"`},
		"no name":          {`"Bolsa"`, `""`},
		"no code":          {`"bne"`, `""`},
		"unknown state":    {`"vigente"`, `"quizás"`},
		"never checked":    {`"2026-11-21"`, `""`},
		"a broken alias":   {`bolsa ; bne`, `bolsa ; ~`},
		"accents":          {`bolsa ; bne`, `línea`},
		"twice":            {`"temas": [`, `"temas": [{"codigo": "bne", "nombre": "B", "estado": "vigente", "revisado": "2026-11-21", "alias": []},`},
		"no JSON":          {`{"version"`, `{version`},
	} {
		broken := strings.Replace(right, change[0], change[1], 1)
		if broken == right {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, _, err := parseTopics([]byte(broken)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestTopics_Aliases: a programme is heard by its name, its initials, and what people call it, in a question and in a complaint.
func TestTopics_Aliases(t *testing.T) {
	c := New()
	for code, aliases := range map[string][]string{
		"sue":             {"Subsidio Unificado al Empleo", "SUE", "subsidio unificado"},
		"sej":             {"Subsidio al Empleo Joven", "SEJ", "subsidio joven", "bono joven"},
		"btm":             {"Bono al Trabajo de la Mujer", "BTM", "bono mujer", "bono trabajo mujer"},
		"ife_laboral":     {"IFE Laboral", "IFE"},
		"protege":         {"Subsidio Protege", "protege"},
		"nuevo_empleo":    {"Subsidio Nuevo Empleo"},
		"franquicia":      {"Franquicia Tributaria", "franquicia", "el 1 % de mi empresa", "uno por ciento"},
		"formate":         {"Fórmate para el Trabajo", "formate para el trabajo"},
		"despega_mipe":    {"Despega Mipe"},
		"becas_laborales": {"Becas Laborales", "beca laboral"},
		"cursos_linea":    {"Cursos en Línea", "curso online"},
		"bne":             {"Bolsa Nacional de Empleo", "BNE", "OMIL"},
		"clave":           {"Clave Única", "ClaveÚnica", "clave sence"},
	} {
		for _, alias := range aliases {
			for _, text := range []string{"Hola, quiero saber más sobre " + alias, "Hasta cuándo espero respuesta por " + alias + ", llevo tres meses"} {
				if got := c.Classify(Input{Text: text, Network: "facebook", Public: true}); !slices.Contains(got.Topics, code) {
					t.Errorf("%s: %v in %q", code, got.Topics, text)
				}
			}
		}
	}
}

// TestTopics_Catalogue: every topic is there once, with a name; each but the last has a way of being named, and the last stands alone.
func TestTopics_Catalogue(t *testing.T) {
	topics := Topics()
	for i, topic := range topics {
		if last := i == len(topics)-1; (len(topic.Aliases) == 0) != last || (topic.Code == "otro") != last {
			t.Errorf("%s: %d aliases at %d of %d", topic.Code, len(topic.Aliases), i, len(topics))
		}
	}
	var codes []string
	for _, topic := range topics {
		codes = append(codes, topic.Code)
	}
	if got := New().Topics(); !slices.Equal(got, codes) {
		t.Errorf("the model has %v", got)
	}
}
