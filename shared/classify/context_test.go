package classify

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// What the words do not say is taken from where they stand.
func TestClassify_Context(t *testing.T) {
	c := New()
	becas := []string{"becas_laborales", "atencion"}
	for text, want := range map[string]struct{ alone, under []string }{
		"¿también hombres?":              {[]string{topicOther}, becas},                                         // says nothing: all that its parent is about
		"¿cuáles son los requisitos?":    {[]string{"postulacion"}, []string{"becas_laborales", "postulacion"}}, // of a programme, and not which
		"¿hay curso en Talca?":           {[]string{topicCourse}, []string{"becas_laborales"}},                  // whose name makes «cursos» needless
		"¿cuándo pagan el bono mujer?":   {[]string{"btm", "pagos"}, []string{"btm", "pagos"}},                  // a programme of its own
		"¿cómo recupero la clave única?": {[]string{"clave"}, []string{"clave"}},                                // a matter of its own
	} {
		alone, under := c.Classify(Input{Text: text}), c.Classify(Input{Text: text, Parent: []string{"atencion", "becas_laborales"}})
		if !slices.Equal(alone.Topics, want.alone) || !slices.Equal(under.Topics, want.under) {
			t.Errorf("%q: topics %v alone, %v under a post about becas", text, alone.Topics, under.Topics)
		}
	}
	if got := c.Classify(Input{Text: "¿también hombres?", Parent: []string{"un_tema_de_antes"}}); !slices.Equal(got.Topics, []string{topicOther}) {
		t.Errorf("under a topic nobody knows: %v", got.Topics)
	}
	first, again := c.Classify(Input{Text: "¿cuándo es la feria?"}), c.Classify(Input{Text: "¿cuándo es la feria?", Open: true})
	if first.Urgency != Baja || again.Urgency != Media {
		t.Errorf("urgency %s, with an open case %s", first.Urgency, again.Urgency)
	}
	if praise := c.Classify(Input{Text: "Felicitaciones, excelente atención, muy amables", Open: true}); praise.Urgency != Baja {
		t.Errorf("praise within a case: %s", praise.Urgency)
	}
}

// Who only names friends talks to them; it stays in sight all the same.
func TestClassify_Tags(t *testing.T) {
	c := New()
	tags := c.Classify(Input{Text: "@amiga_ficticia @otra_ficticia", Public: true})
	if !tags.Flag(FlagTags) || tags.Intent != Spam || tags.Collapsible() || !tags.Flag(FlagNoText) {
		t.Errorf("%s %v", tags.Intent, tags.Flags)
	}
	if us := c.Classify(Input{Text: "@sence_chile"}); us.Flag(FlagTags) || us.Intent != Consulta {
		t.Errorf("who only names us: %s %v", us.Intent, us.Flags)
	}
	if within := c.Classify(Input{Text: "@amiga_ficticia", Open: true}); within.Intent == Spam {
		t.Error("who waits for us is taken for noise")
	}
}

func TestClassify_Language(t *testing.T) {
	c := New()
	for text, want := range map[string]string{
		"Hola, quiero saber cuándo pagan el bono": "es",
		"tkm amix jaja": "es",
		"hello, I don't know how to apply, is this course for foreigners?":          "en",
		"Bonjou, mwen bezwen konnen kijan pou mwen jwenn lajan travay la":           "ht",
		"olá, não recebi o meu pagamento ainda, por que isso?":                      "pt",
		"bonjour, je ne comprends pas pourquoi ma demande est refusée":              "fr",
		"hice el curso online de marketing y el certificado dice in progress, what": "es",
	} {
		r := c.Classify(Input{Text: text})
		if r.Language != want || r.Flag(FlagLanguage) != (want != "es") {
			t.Errorf("%q: %s %v, want %s", text, r.Language, r.Flags, want)
		}
	}
}

func TestResult_Subtype(t *testing.T) {
	for name, tt := range map[string]struct {
		r    Result
		want Subtype
	}{
		"an appeal":                      {Result{Intent: Reclamo, Flags: []string{FlagAppeal}}, Apelacion},
		"a question about appeals":       {Result{Intent: Consulta, Flags: []string{FlagAppeal}}, ""},
		"a request for information":      {Result{Intent: Consulta, Flags: []string{FlagSAIP}}, SAIP},
		"a right over one's data":        {Result{Intent: Consulta, Flags: []string{FlagDataRights}}, Derechos},
		"politics":                       {Result{Intent: Spam, Flags: []string{FlagPolitics}}, Politico},
		"noise":                          {Result{Intent: Spam}, Ruido},
		"something is offered":           {Result{Intent: Spam, Flags: []string{FlagSelling}}, ""},
		"a complaint that names parties": {Result{Intent: Reclamo, Flags: []string{FlagPolitics}}, ""},
	} {
		if got := tt.r.subtype(); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// Reasons name what spoke for the intent, most first, and never a number: personal data are masked before anything is counted.
func TestClassify_Why(t *testing.T) {
	c := New()
	r := c.Classify(Input{Text: "Llevo tres meses esperando el pago y nadie contesta, mi rut es 33.456.789-3 y mi fono 9 0012 3456, folio 77812"})
	if len(r.Why) != mostReasons || r.Intent != Reclamo {
		t.Fatalf("%s: %v", r.Intent, r.Why)
	}
	if !slices.IsSortedFunc(r.Why, func(a, b Reason) int {
		if a.Weight < b.Weight {
			return 1
		}
		return -1
	}) {
		t.Errorf("not in order: %v", r.Why)
	}
	for _, row := range seed(t) {
		for _, why := range c.Classify(Input{Text: row.Text}).Why {
			if why.Weight <= 0 || why.Kind == reasonWord && strings.ContainsFunc(strings.ReplaceAll(why.Text, "num", ""), func(r rune) bool { return unicode.IsDigit(r) && r > '6' }) {
				t.Errorf("%s: %+v", row.ID, why)
			}
		}
	}
}

// Codes are codes, whatever they are; words with digits for letters are words.
func TestShaped(t *testing.T) {
	for text, want := range map[string]string{
		"p3s1m0 serv1c10":          "pesimo servicio",
		"marcamj8k2x1f hola":       "codigo hola",
		"me cobraron 15lucas":      "me cobraron lucas",
		"folio 00123 del 2026":     "folio num5 del num4",
		"3 lucas":                  "num1 lucas",
		"curso abc12345 de torno1": "curso codigo de tornoi",
	} {
		if got := strings.Join(shaped(words(Normalize(text))), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestSound(t *testing.T) {
	for _, same := range [][]string{
		{"pagina", "pajina"},
		{"postulacion", "postulasion", "postulazion"},
		{"vecina", "besina", "vesina"},
		{"hola", "ola"},
		{"llamar", "yamar"},
		{"que", "ke", "qe"},
		{"hacer", "aser"},
		{"accion", "aksion"},
	} {
		for _, word := range same[1:] {
			if a, b := string(sound(same[0], nil)), string(sound(word, nil)); a != b {
				t.Errorf("%s sounds %s, %s %s", same[0], a, word, b)
			}
		}
	}
	for _, other := range [][2]string{{"gato", "jato"}, {"casa", "cacha"}, {"perro", "pero"}, {"cama", "sama"}} {
		if string(sound(other[0], nil)) == string(sound(other[1], nil)) {
			t.Errorf("%s sounds like %s", other[0], other[1])
		}
	}
}

func TestParseLexicon_Refuses(t *testing.T) {
	if _, err := parseLexicon("# c\n\npagar\tpag* deposit*\ntiempo\tdia dias"); err != nil {
		t.Fatal(err)
	}
	for name, table := range map[string]string{"no words": "pagar\t", "no name": "\tpag*", "twice": "a\tb\na\tc"} {
		if _, err := parseLexicon(table); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for name, table := range map[string]string{"no words": "es\t", "no name": "\tel"} {
		if _, err := parseLanguages(table); err == nil {
			t.Errorf("languages, %s: accepted", name)
		}
	}
}

// Where every mistake costs the same the likeliest is chosen; where they cost what they cost, what must not be overlooked.
func TestCheapest(t *testing.T) {
	p := map[Intent]float64{Denuncia: 0.2, Reclamo: 0.35, Consulta: 0.45}
	if got := Cheapest(p, 0); got != Consulta {
		t.Errorf("the likeliest: %s", got)
	}
	if got := Cheapest(p, 1); got != Denuncia {
		t.Errorf("the cheapest: %s", got)
	}
	if got := ranked(p, Denuncia, 0.6); !slices.Equal(got, []Intent{Denuncia, Consulta}) {
		t.Errorf("the set: %v", got)
	}
}
