package post_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/post"
)

const (
	public  = post.KindReplyPublic
	private = post.KindReplyPrivate
	posted  = post.KindPost
	patron  = post.KindTemplate
)

// read is what a linter with the program's tables finds.
func read(text string, as post.Kind) []post.Finding {
	l, err := post.NewLinter()
	if err != nil {
		panic(err)
	}
	return l.Lint(text, as)
}

// marked gives what Lint finds as rule!:«the words», so that a range that is wrong shows.
func marked(text string, as post.Kind) []string {
	runes := []rune(text)
	out := []string{}
	for _, f := range read(text, as) {
		s := f.Rule
		if f.Level == post.LevelError {
			s += "!"
		}
		out = append(out, s+":"+string(runes[f.Start:f.End]))
	}
	return out
}

func TestLint_Found(t *testing.T) {
	for _, tt := range []struct {
		text string
		as   post.Kind
		want string
	}{
		// usted
		{"Complete el formulario.", public, "formal_address!:Complete"},
		{"Hola. Ingrese a sence.cl para postular.", public, "formal_address!:Ingrese"},
		{"¿Puede usted enviar los antecedentes?", public, "formal_address!:usted"},
		{"Contáctese con nosotros.", private, "formal_address!:Contáctese"},
		{"Dirijase a la oficina más cercana.", posted, "formal_address!:Dirijase"},
		{"Escríbanos por mensaje privado.", public, "formal_address!:Escríbanos"},
		{"Hola, por favor revise las bases.", public, "formal_address!:por favor revise"},
		{"Para postular, complete el formulario.", public, "formal_address:complete"},
		{"No olvide adjuntar el certificado.", public, "formal_address!:No olvide"},
		{"CONOZCA los cursos.", posted, "formal_address!:CONOZCA"},
		{"Recibimos su solicitud.", private, "formal_address:Recibimos su"},
		{"Su reclamo fue ingresado.", private, "formal_address:Su reclamo"},
		{"Gracias por su mensaje.", public, "formal_address:Gracias por su"},
		{"Le informamos que el pago está listo.", private, "formal_address:Le informamos"},
		{"Puede postular en línea.", public, "formal_address:Puede postular"},
		{"Si tiene dudas, estamos aquí.", public, "formal_address:Si tiene dudas"},
		{"Estimado: Ud. debe esperar.", private, "formal_address!:Ud"},
		{"Conta\u0301ctese con nosotros.", private, "formal_address!:Conta\u0301ctese"},
		// personal data
		{"Envíanos tu RUT y te ayudamos.", public, "data_request!:Envíanos tu RUT"},
		{"Déjanos tu correo en los comentarios.", public, "data_request!:Déjanos tu correo"},
		{"Hola. ¿Cuál es tu RUT?", public, "data_request!:Cuál es tu RUT"},
		{"Escríbenos por mensaje privado con tu RUT.", public, "data_request!:Escríbenos por mensaje privado con tu RUT"},
		{"¿Nos das tu teléfono?", public, "data_request!:Nos das tu teléfono"},
		{"Indícanos un número de teléfono.", public, "data_request!:Indícanos un número de teléfono"},
		{"¿Puedes enviarnos tu dirección?", public, "data_request!:enviarnos tu dirección"},
		{"Comenta tu correo y participa.", posted, "data_request!:Comenta tu correo"},
		{"Necesitamos tu clave para revisar.", private, "data_request!:Necesitamos tu clave"},
		{"Necesitamos tu RUT para revisar.", private, "data_request:Necesitamos tu RUT"},
		{"Dinos tu nombre.", public, "data_request:Dinos tu nombre"},
		{"Escribe tu RUT en el formulario.", patron, "data_request:Escribe tu RUT"},
		// dates nobody can place
		{"Las postulaciones cierran mañana.", posted, "relative_date!:mañana"},
		{"Hoy comienza el curso.", posted, "relative_date!:Hoy"},
		{"Te responderemos hoy.", public, "relative_date:hoy"},
		{"Te responderemos hoy.", patron, "relative_date!:hoy"},
		{"Publicamos los resultados ayer.", posted, "relative_date!:ayer"},
		{"Esta semana abrimos los cupos.", posted, "relative_date!:Esta semana"},
		{"Esta mañana abrimos los cupos.", posted, "relative_date!:Esta mañana"},
		{"Te llamamos pasado mañana.", private, "relative_date:pasado mañana"},
		{"El próximo lunes abrimos.", posted, "relative_date!:próximo lunes"},
		{"Abrimos la semana que viene.", posted, "relative_date!:semana que viene"},
		{"Abrimos el mes próximo.", posted, "relative_date!:mes próximo"},
		// siglas
		{"Pregunta en tu OTEC por los cursos.", public, "acronym:OTEC"},
		{"La OTIC y la DIPRES lo aprobaron. La OTIC paga.", public, "acronym:OTIC acronym:DIPRES"},
		{"La OTEC (ver bases) responde.", public, "acronym:OTEC"},
		// authorities
		{"El ministro visitó la sala.", posted, "authority:ministro"},
		{"La Subsecretaria y el alcalde asistieron.", posted, "authority:Subsecretaria authority:alcalde"},
		{"El Director Nacional habló.", posted, "authority:Director Nacional"},
		{"Zutano Prueba Demostración habló.", posted, "authority!:Zutano Prueba Demostración"},
		{"Los senadores votaron.", posted, "authority:senadores"},
		// elections
		{"Vota informado.", posted, "electoral!:Vota"},
		{"Las candidatas expusieron.", posted, "electoral!:candidatas"},
		{"Comienza la campaña electoral.", posted, "electoral!:campaña electoral"},
		{"Por las elecciones municipales no atendemos.", posted, "electoral!:elecciones municipales"},
		{"El día de la elección no atendemos.", posted, "electoral:elección"},
		{"Habrá plebiscito.", posted, "electoral!:plebiscito"},
		{"Ningún partido político participa.", posted, "electoral!:partido político"},
		{"Su comando no atiende.", posted, "electoral:comando"},
		// sentences
		{
			"Uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno.", private,
			"sentence_long:Uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno",
		},
		{"Envíanos tu RUT mañana, por favor complete el resto.", posted, "data_request!:Envíanos tu RUT relative_date!:mañana formal_address!:por favor complete"},
		{"😀 Vota.", "", "electoral!:Vota"},
	} {
		if got := strings.Join(marked(tt.text, tt.as), " "); got != tt.want {
			t.Errorf("%s (%s):\n got %s\nwant %s", tt.text, tt.as, got, tt.want)
		}
	}
}

// What looks like something to correct, and is not.
func TestLint_Fine(t *testing.T) {
	for _, tt := range []struct {
		text string
		as   post.Kind
	}{
		{"Atendemos desde las 9 de la mañana.", posted},
		{"Abrimos por la mañana y cerramos a las 14:00 horas.", posted},
		{"Hay cursos en la mañana y en la tarde.", posted},
		{"Hoy en día hay más cursos.", posted},
		{"El viernes 4 de diciembre de 2026 abrimos.", posted},
		{"Este viernes 4 de diciembre abrimos.", posted},
		{"La empresa presenta su solicitud y la persona recibe su pago.", posted},
		{"Cada persona revisa sus datos antes de firmar.", public},
		{"Ustedes pueden postular en grupo.", public},
		{"Cuando la empresa ingrese la solicitud, te avisaremos.", public},
		{"Te avisaremos para que el equipo revise tu caso.", public},
		{"Quien complete el curso recibe un certificado.", posted},
		{"Entre el 1 y el 5 de diciembre no hay atención.", posted},
		{"Puede haber demoras en la atención.", public},
		{"Puede postular cualquier persona mayor de edad.", posted},
		{"Ingresé tu consulta y la revisaremos.", private},
		{"No publiques tu RUT ni tu teléfono.", public},
		{"Escríbenos por mensaje privado. No publiques tu RUT.", public},
		{"Escríbenos, pero no publiques tu RUT.", public},
		{"SENCE nunca te pedirá tu clave.", public},
		{"No necesitamos tu RUT para responder.", public},
		{"Nunca debes enviarnos tu clave.", private},
		{"Envíanos un correo a ayuda@sence.cl.", public},
		{"Envíanos tu consulta por correo.", public},
		{"Escríbenos a nuestro correo.", public},
		{"Escríbenos al WhatsApp de siempre.", public},
		{"Acércate a tu Dirección Regional.", public},
		{"Cuéntanos qué curso te interesa.", posted},
		{"Ingresa con tu ClaveÚnica al Buzón Ciudadano.", public},
		{"Actualiza tu correo en el sitio.", public},
		{"Con tu RUT puedes revisar el estado en SENCE.", public},
		{"Los organismos técnicos de capacitación (OTEC) dictan cursos. Cada OTEC informa sus fechas.", posted},
		{"La OTEC (organismo técnico de capacitación) dicta el curso.", posted},
		{"La Región XVI tiene cupos.", posted},
		{"¡ATENCIÓN POSTULANTES NUEVOS!", posted},
		{"Es GRATIS y NO pierdes tu subsidio.", posted},
		{"El pago llega a tu cuenta de la AFP en UF.", posted},
		{"Elige un curso de tu elección.", posted},
		{"Buscamos candidatas para el puesto de trabajo.", posted},
		{"El ministerio publicó las bases.", posted},
		{"La campaña de vacunación sigue.", posted},
		{"Los devotos votaron.", public},
		{"El ministro y la candidata respondieron.", public},
		{"Nuestra política de partidos de fútbol.", posted},
		{"Cree en ti.", posted},
		{"Nueva oficina: Avenida Presidente Ibáñez 123.", posted},
		{"Si tienes dudas, escríbenos por mensaje privado o llama al 800 801 030, de lunes a viernes de 9:00 a 18:00.", posted},
		{"Elige tu curso e ingresa tu correo en el sitio.", posted},
		{"La junta eligió presidenta de la junta de vecinos.", posted},
		{"Vale $1.000.000. Dura 3.5 horas. Es el art. 5 del Dr. Pérez, S.A., EE.UU., etc. y más.", posted},
		{"Uno dos tres cuatro cinco seis siete ocho nueve diez.\nonce doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno.", posted},
		{"Uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte.", posted},
		{"Uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce https://sence.gob.cl/uno/dos/tres-cuatro?x=hoy {dd/mm/aaaa} 1.000.000 @sence ana.b+c@b.gob.cl fin.", posted},
		{"{hoy} @hoy https://sence.gob.cl/hoy", posted},
		{"", posted},
		{" .!?()\n…", posted},
	} {
		if got := marked(tt.text, tt.as); len(got) > 0 {
			t.Errorf("%s (%s): %q", tt.text, tt.as, got)
		}
	}
}

// templates are P01 to P15 of the protocol of answers.
func templates() []string {
	return []string{
		"Hola. Recibimos tu consulta y ya la estamos revisando. Te responderemos por este medio a más tardar el {dd/mm/aaaa}.",
		"Hola. Para revisar tu caso y resguardar tus datos, escríbenos por mensaje privado. No publiques tu RUT, teléfono ni correo en los comentarios.",
		"Hola. Tu comentario muestra datos personales. Por tu seguridad, te recomendamos borrarlos. Escríbenos por mensaje privado y seguimos ahí.",
		"Ingresamos tu reclamo. Te enviamos el número de seguimiento por mensaje privado. Nuestro plazo de respuesta vence el {dd/mm/aaaa}.",
		"Respondimos tu caso por mensaje privado. Si algo no quedó claro, escríbenos por ahí y lo revisamos.",
		"Hola. Atendemos de lunes a viernes hábiles, de {hh:mm} a {hh:mm} horas. Leeremos tu mensaje el {dd/mm/aaaa}.",
		"Hola. Lo que relatas debe revisarse por un canal reservado. Puedes ingresarlo aquí: {url}. No compartas más detalles en público.",
		"Hola. Esa solicitud se ingresa por el Portal de Transparencia: {url}. Ahí tendrás un plazo y un número de seguimiento.",
		"Hola. Ese trámite corresponde a {organismo}. Puedes hacerlo aquí: {url}. Si también tienes un trámite con SENCE, escríbenos.",
		"Hola. Para apelar a {beneficio}, ingresa con tu ClaveÚnica al Buzón Ciudadano: {url}. Elige «reclamo» y adjunta tus documentos.",
		"Gracias por tu sugerencia. La registramos y la revisará el equipo de {programa}.",
		"Gracias por tu mensaje. Lo compartimos con el equipo que te atendió.",
		"Tu caso sigue en revisión y necesitamos más tiempo. La nueva fecha de respuesta es el {dd/mm/aaaa}. Te avisaremos por mensaje privado.",
		"Atención: SENCE no pide claves ni pagos por redes sociales. Esta cuenta no es nuestra. Canales oficiales: {url}.",
		"Sabemos que {servicio} presenta problemas desde las {hh:mm} horas del {dd/mm/aaaa}. Trabajamos en ello y avisaremos aquí cuando se resuelva.",
	}
}

func TestLint_Templates(t *testing.T) {
	for i, text := range templates() {
		for _, as := range post.Kinds() {
			if got := marked(text, as); len(got) > 0 {
				t.Errorf("P%02d as %s: %q", i+1, as, got)
			}
		}
	}
}

// The tables are read, each of their rules is one Lint can explain, and no line that is wrong is passed over.
func TestLint_Tables(t *testing.T) {
	rules, err := post.LintRuleNames()
	if err != nil {
		t.Fatal(err)
	}
	known := []string{post.RuleAuthority, post.RuleData, post.RuleElectoral, post.RuleFormal, post.RuleRelative}
	if diff := cmp.Diff(known, rules); diff != "" {
		t.Error(diff)
	}
	for _, line := range []string{
		"formal_address\terror\tall", "formal_address\tgrave\tall\tusted", "formal_address\terror\tnobody\tusted", "formal_address\terror\tall\t",
		"formal_address\terror\tall\tUsted", "formal_address\terror\tall\t~ usted", "formal_address\terror\tall\tusted ~", "formal_address\terror\tall\t!usted",
		"formal_address\terror\tall\ta !~b c", "formal_address\terror\tall\ta||b", "formal_address\terror\tall\t=nobody= a",
	} {
		if post.ParseLint(line) == nil {
			t.Errorf("%q was read", line)
		}
	}
}

func FuzzLint(f *testing.F) {
	for _, text := range templates() {
		f.Add(text, 0)
	}
	f.Add("Envíanos tu RUT (SENCE) mañana… {hoy\n@ a@b.cl \xff\u0301 usted. OTEC (", 2)
	f.Add("((((OTEC (OTEC) organismo técnico (OTEC", 2)
	f.Fuzz(func(t *testing.T, text string, kind int) {
		as := post.Kinds()[uint(kind)%uint(len(post.Kinds()))]
		found := read(text, as)
		length := utf8.RuneCountInString(text)
		for _, x := range found {
			if x.Start < 0 || x.Start >= x.End || x.End > length || x.Message == "" || x.Rule == "" || x.Level != post.LevelError && x.Level != post.LevelWarning {
				t.Errorf("%q: %+v", text, x)
			}
		}
		if !slices.IsSortedFunc(found, func(a, b post.Finding) int { return a.Start - b.Start }) {
			t.Errorf("%q: not in order: %+v", text, found)
		}
		if diff := cmp.Diff(found, read(text, as)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	})
}

// A text eight times as long takes about eight times as long, not sixty-four: what a network takes at most is read while a person
// waits. The quickest of five tries counts, since machines are noisy.
func TestLint_Grows(t *testing.T) {
	l, err := post.NewLinter()
	if err != nil {
		t.Fatal(err)
	}
	took := func(piece string, runes int) time.Duration {
		text := strings.Repeat(piece, runes/utf8.RuneCountInString(piece))
		start := time.Now()
		l.Lint(text, posted)
		return time.Since(start)
	}
	for _, piece := range []string{"envíanos ", "ABCD ", "a.", "hoy. ", "(", "{", "@a", "mañana mañana "} {
		short, long := time.Hour, time.Hour
		for range 5 {
			short, long = min(short, took(piece, 7_500)), min(long, took(piece, 60_000))
		}
		best := float64(long) / float64(short)
		if t.Logf("%q: %.1f times", piece, best); best > 30 {
			t.Errorf("%q: a text eight times as long takes %.1f times as long", piece, best)
		}
	}
}

func BenchmarkLint(b *testing.B) {
	text := strings.Join(templates(), " ")
	l, err := post.NewLinter()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		l.Lint(text, post.KindPost)
	}
}
