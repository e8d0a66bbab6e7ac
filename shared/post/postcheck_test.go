package post_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

const mb = 1 << 20

func image(change ...func(*post.Attached)) post.Attached {
	a := post.Attached{ID: "f", Alt: "Una sala de clases", File: post.File{Kind: post.Image, Type: "image/jpeg", Size: 200000, Width: 1080, Height: 1080}}
	for _, c := range change {
		c(&a)
	}
	return a
}

func video(change ...func(*post.Attached)) post.Attached {
	a := post.Attached{ID: "v", Alt: "Una persona en un taller", File: post.File{Kind: post.Video, Type: "video/mp4", Size: 5 * mb, Width: 1080, Height: 1920, Millis: 30000}}
	for _, c := range change {
		c(&a)
	}
	return a
}

func gif() post.Attached {
	return post.Attached{ID: "g", Alt: "Un saludo", File: post.File{Kind: post.GIF, Type: "image/gif", Size: mb, Width: 480, Height: 480}}
}

func times(n int, a post.Attached) []post.Attached { return slices.Repeat([]post.Attached{a}, n) }

func size(n int64) func(*post.Attached)   { return func(a *post.Attached) { a.Size = n } }
func kind(t string) func(*post.Attached)  { return func(a *post.Attached) { a.Type = t } }
func millis(n int64) func(*post.Attached) { return func(a *post.Attached) { a.Millis = n } }
func alt(t string) func(*post.Attached)   { return func(a *post.Attached) { a.Alt = t } }
func shape(w, h int) func(*post.Attached) {
	return func(a *post.Attached) { a.Width, a.Height = w, h }
}

// short writes findings as rule@start-end, with a ! for an error.
func short(findings []post.Finding) []string {
	out := []string{}
	for _, f := range findings {
		s := f.Rule
		if f.Level == post.LevelError {
			s += "!"
		}
		if f.End > 0 {
			s += fmt.Sprintf("@%d-%d", f.Start, f.End)
		}
		out = append(out, s)
	}
	return out
}

func TestCheckPiece(t *testing.T) {
	const link = "https://sence.gob.cl/cursos"
	template := &post.Template{Name: "aviso", Language: "es_CL", Params: []string{"María", "01/12/2026"}}
	for _, tt := range []struct {
		name    string
		network mention.Network
		piece   post.Piece
		want    []string
	}{
		{"a plain one", mention.Facebook, post.Piece{Text: "Hola."}, []string{}},
		{"all Facebook takes", mention.Facebook, post.Piece{Text: strings.Repeat("ñ", 63206)}, []string{}},
		{"one more", mention.Facebook, post.Piece{Text: strings.Repeat("ñ", 63207)}, []string{"text_too_long!@63206-63207"}},
		{"its link beside the text is not counted", mention.Facebook, post.Piece{Text: strings.Repeat("ñ", 63206), Link: link}, []string{}},
		{"with a picture it stands in the text", mention.Facebook, post.Piece{Text: strings.Repeat("ñ", 63206), Link: link, Media: times(1, image())}, []string{"text_too_long!@63178-63206"}},
		{"a link alone", mention.Facebook, post.Piece{Link: link}, []string{}},
		{"nothing", mention.Facebook, post.Piece{Text: " \n"}, []string{"text_empty!"}},
		{"a picture alone", mention.Facebook, post.Piece{Media: times(1, image())}, []string{}},
		{"control characters", mention.LinkedIn, post.Piece{Text: "Ho\x00la"}, []string{"text_control!"}},
		{"no text at all", mention.LinkedIn, post.Piece{Text: "Ho\xffla"}, []string{"text_unreadable!"}},
		{"no network", "myspace", post.Piece{Text: "Hola."}, []string{"network_unknown!"}},

		{"280 for X", mention.X, post.Piece{Text: strings.Repeat("a", 280)}, []string{}},
		{"emoji weigh two", mention.X, post.Piece{Text: strings.Repeat("a", 279) + "😀"}, []string{"text_too_long!@279-280"}},
		{"a link weighs 23 and its line one", mention.X, post.Piece{Text: strings.Repeat("a", 256), Link: link}, []string{"link_cost"}},
		{"and no more", mention.X, post.Piece{Text: strings.Repeat("a", 257), Link: link}, []string{"text_too_long!@256-257", "link_cost"}},
		{"a link that stands in the text counts once", mention.X, post.Piece{Text: strings.Repeat("a", 256) + "\n" + link, Link: link}, []string{"link_cost"}},
		{"a link in the text costs too", mention.X, post.Piece{Text: "Mira sence.cl"}, []string{"link_cost"}},
		{"two cashtags", mention.X, post.Piece{Text: "Sube $UF y baja $UTM."}, []string{"cashtags!@16-20"}},
		{"money is none", mention.X, post.Piece{Text: "Son $500.000 o $600.000, US$A y $$B. $UF"}, []string{}},

		{"Instagram without a picture", mention.Instagram, post.Piece{Text: "Hola."}, []string{"media_missing!"}},
		{"nor a text", mention.Instagram, post.Piece{}, []string{"media_missing!"}},
		{"with one", mention.Instagram, post.Piece{Text: "Hola.", Media: times(1, image())}, []string{}},
		{"its link is counted", mention.Instagram, post.Piece{Text: strings.Repeat("a", 2173), Link: link, Media: times(1, image())}, []string{"text_too_long!@2172-2173"}},
		{"31 hashtags", mention.Instagram, post.Piece{Text: strings.TrimSpace(strings.Repeat("#a ", 31)), Media: times(1, image())}, []string{"hashtags!@90-92"}},
		{"6 hashtags", mention.Instagram, post.Piece{Text: "#a #b #c #d #e #fé", Media: times(1, image())}, []string{"hashtags@15-18"}},
		{"numbers, anchors and double marks are none", mention.Instagram, post.Piece{Text: "#1 #2 #3 #4 #5 a#b &#39; ## #", Media: times(1, image())}, []string{}},
		{"PNG on Instagram", mention.Instagram, post.Piece{Text: "Hola.", Media: times(1, image(kind("image/png")))}, []string{"media_type!"}},
		{"8 MB and a byte", mention.Instagram, post.Piece{Text: "Hola.", Media: times(1, image(size(8*mb+1)))}, []string{"media_size!"}},
		{"4:5", mention.Instagram, post.Piece{Text: "Hola.", Media: times(1, image(shape(1080, 1350)))}, []string{}},
		{"taller", mention.Instagram, post.Piece{Text: "Hola.", Media: times(1, image(shape(1080, 1352)))}, []string{"media_ratio!"}},
		{"1.91:1 as Meta rounds it", mention.Instagram, post.Piece{Text: "Hola.", Media: times(1, image(shape(1080, 565)))}, []string{}},
		{"wider", mention.Instagram, post.Piece{Text: "Hola.", Media: times(1, image(shape(1080, 560)))}, []string{"media_ratio!"}},
		{"of unknown shape", mention.Instagram, post.Piece{Text: "Hola.", Media: times(1, image(shape(0, 0)))}, []string{}},
		{"ten", mention.Instagram, post.Piece{Text: "Hola.", Media: times(10, image())}, []string{}},
		{"twelve", mention.Instagram, post.Piece{Text: "Hola.", Media: times(12, image())}, []string{"media_count!"}},
		{"a reel", mention.Instagram, post.Piece{Text: "Hola.", Media: times(1, video())}, []string{}},
		{"too short and too large", mention.Instagram, post.Piece{Text: "Hola.", Media: times(1, video(millis(2999), size(300*mb+1)))}, []string{"media_size!", "media_duration!"}},
		{"too long a reel", mention.Instagram, post.Piece{Text: "Hola.", Media: times(1, video(millis(15*60000+1)))}, []string{"media_duration!"}},
		{"a GIF on Instagram", mention.Instagram, post.Piece{Text: "Hola.", Media: times(1, gif())}, []string{"media_kind!"}},
		{"mixed", mention.Instagram, post.Piece{Text: "Hola.", Media: []post.Attached{image(), video()}}, []string{"media_mixed!"}},

		{"GIF among images on Facebook", mention.Facebook, post.Piece{Text: "Hola.", Media: []post.Attached{image(), gif()}}, []string{}},
		{"and not on X", mention.X, post.Piece{Text: "Hola.", Media: []post.Attached{image(), gif()}}, []string{"media_mixed!"}},
		{"five images on X", mention.X, post.Piece{Text: "Hola.", Media: times(5, image())}, []string{"media_count!"}},
		{"140 seconds", mention.X, post.Piece{Text: "Hola.", Media: times(1, video(millis(140000)))}, []string{}},
		{"and more", mention.X, post.Piece{Text: "Hola.", Media: times(1, video(millis(140001)))}, []string{"media_duration!"}},
		{"a strip on X", mention.X, post.Piece{Text: "Hola.", Media: times(1, video(shape(300, 1000)))}, []string{"media_ratio!"}},
		{"twenty on LinkedIn", mention.LinkedIn, post.Piece{Text: "Hola.", Media: times(20, image())}, []string{}},
		{"one more on LinkedIn", mention.LinkedIn, post.Piece{Text: "Hola.", Media: times(21, image())}, []string{"media_count!"}},
		{"a small video on LinkedIn", mention.LinkedIn, post.Piece{Text: "Hola.", Media: times(1, video(size(75*1024-1)))}, []string{"media_size!"}},
		{"a MOV on LinkedIn", mention.LinkedIn, post.Piece{Text: "Hola.", Media: times(1, video(kind("video/quicktime")))}, []string{"media_type!"}},
		{"a poster on LinkedIn", mention.LinkedIn, post.Piece{Text: "Hola.", Media: times(1, image(shape(9000, 9000)))}, []string{"media_pixels!"}},
		{"a document", mention.LinkedIn, post.Piece{Text: "Hola.", Media: []post.Attached{{ID: "d", Alt: "Bases", File: post.File{Kind: "document", Type: "application/pdf"}}}}, []string{"media_kind!"}},
		{"no words for it", mention.X, post.Piece{Text: "Hola.", Media: []post.Attached{image(alt(" ")), image(), image(alt(""))}}, []string{"alt_missing!", "alt_missing!"}},
		{"too many words for it", mention.X, post.Piece{Text: "Hola.", Media: times(1, image(alt(strings.Repeat("é", 1001))))}, []string{"alt_too_long!"}},

		{"WhatsApp without a template", mention.WhatsApp, post.Piece{Text: "Hola."}, []string{"template!"}},
		{"with one", mention.WhatsApp, post.Piece{Text: strings.Repeat("a", 9000), Link: "x", Template: template}, []string{}},
		{"and a picture", mention.WhatsApp, post.Piece{Template: template, Media: times(1, image())}, []string{"media_kind"}},
		{
			"what is filled in", mention.WhatsApp,
			post.Piece{Template: &post.Template{Name: "a", Language: "es_CL", Params: []string{"", "a\nb", "a     b", strings.Repeat("a", 1025)}}},
			[]string{"template_params!", "template_params!", "template_params!", "text_too_long!"},
		},

		{"a link by name alone", mention.LinkedIn, post.Piece{Text: "Hola.", Link: "sence.gob.cl"}, []string{"link_invalid!"}},
		{"in the open", mention.LinkedIn, post.Piece{Text: "Hola.", Link: "http://sence.gob.cl"}, []string{"link_invalid!"}},
		{"with a name before it", mention.LinkedIn, post.Piece{Text: "Hola.", Link: "https://sence.gob.cl@ejemplo.com/"}, []string{"link_invalid!"}},
		{"of no host", mention.LinkedIn, post.Piece{Text: "Hola.", Link: "https://localhost/"}, []string{"link_invalid!"}},
		{"of somebody else", mention.LinkedIn, post.Piece{Text: "Hola.", Link: "https://sence.gob.cl.ejemplo.com/"}, []string{"link_foreign"}},
		{"of the Buzón", mention.LinkedIn, post.Piece{Text: "Hola.", Link: "https://buzon.sence.cl/"}, []string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, short(post.CheckPiece(tt.network, tt.piece))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a person reads, word by word.
func TestCheckPiece_Messages(t *testing.T) {
	const link = "https://sence.gob.cl"
	for _, tt := range []struct {
		network mention.Network
		piece   post.Piece
		want    string
	}{
		{mention.X, post.Piece{Text: strings.Repeat("a", 290)}, "El texto tiene 290 caracteres según cuenta X (un emoji vale 2; un enlace, 23) y el máximo en X es 280. Acórtalo."},
		{mention.X, post.Piece{Text: strings.Repeat("a", 270), Link: link}, "El texto con su enlace tiene 294 caracteres según cuenta X (un emoji vale 2; un enlace, 23) y el máximo en X es 280. Acórtalo."},
		{mention.X, post.Piece{Text: "Hola.", Link: link}, "Con un enlace, publicar en X cuesta 0,20 USD; sin enlace, 0,015."},
		{mention.Instagram, post.Piece{Text: "Hola."}, "Instagram necesita una imagen o un video. Agrega un archivo."},
		{mention.Instagram, post.Piece{Media: times(1, image(size(8*mb+1)))}, "Archivo 1: pesa 8,1 MB y el máximo en Instagram es 8 MB. Usa uno más liviano."},
		{mention.Facebook, post.Piece{Media: times(1, video(size(1024*mb+1)))}, "Archivo 1: pesa 1.024,1 MB y el máximo en Facebook es 1 GB. Usa uno más liviano."},
		{mention.LinkedIn, post.Piece{Media: times(1, video(size(1000)))}, "Archivo 1: pesa menos de 75 KB, el mínimo en LinkedIn. Usa uno de mejor calidad."},
		{mention.Instagram, post.Piece{Media: times(1, image(kind("image/webp")))}, "Archivo 1: Instagram no acepta ese formato. Usa JPEG."},
		{mention.X, post.Piece{Media: times(1, video(kind("video/webm")))}, "Archivo 1: X no acepta ese formato. Usa MP4 o MOV."},
		{mention.Instagram, post.Piece{Media: times(1, image(shape(100, 200)))}, "Archivo 1: es demasiado alto para Instagram. Recórtalo: entre 4:5 y 1,91:1."},
		{mention.X, post.Piece{Media: times(1, video(shape(400, 100)))}, "Archivo 1: es demasiado ancho para X. Recórtalo: entre 1:3 y 3:1."},
		{mention.LinkedIn, post.Piece{Media: times(1, video(shape(300, 100)))}, "Archivo 1: es demasiado ancho para LinkedIn. Recórtalo: entre 1:2,4 y 2,4:1."},
		{mention.X, post.Piece{Media: times(1, video(millis(200)))}, "Archivo 1: dura menos de 0,5 segundos, el mínimo en X."},
		{mention.X, post.Piece{Media: times(1, video(millis(200000)))}, "Archivo 1: dura más de 140 segundos, el máximo en X. Acórtalo."},
		{mention.Facebook, post.Piece{Media: times(2, video())}, "Facebook acepta 1 video por publicación. Quita los que sobran."},
		{mention.X, post.Piece{Media: times(5, image())}, "X acepta 4 imágenes por publicación. Quita los que sobran."},
		{mention.Instagram, post.Piece{Media: times(1, gif())}, "Archivo 1: Instagram no acepta GIF. Usa otro archivo."},
		{mention.X, post.Piece{Media: []post.Attached{image(), image(alt(""))}}, "Archivo 2: falta la descripción. Escribe en palabras lo que muestra."},
	} {
		var got []string
		for _, f := range post.CheckPiece(tt.network, tt.piece) {
			got = append(got, f.Message)
		}
		if !slices.Contains(got, tt.want) {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// Every network has a line, every file of its table its limits, and nothing it takes is refused by its own rules.
func TestPublicationRules(t *testing.T) {
	rules := post.PublicationRules()
	if len(rules) != len(mention.Networks()) {
		t.Fatalf("%d lines", len(rules))
	}
	for _, n := range mention.Networks() {
		r, known := post.PublicationRuleOf(n)
		if !known || r.Max == 0 || r.ByTemplate != (len(r.Media) == 0) {
			t.Errorf("%s: %+v", n, r)
		}
		for _, m := range r.Media {
			if m.Most == 0 || m.MaxSize == 0 || len(m.Types) == 0 || slices.Contains(m.Kinds, post.Video) != (m.MinMillis > 0) {
				t.Errorf("%s: %+v", n, m)
			}
		}
	}
}

// What is cut off where the finding begins fits; every range lies in the text; the same piece is always judged the same.
func TestCheckPiece_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(mention.Networks()).Draw(t, "network")
		p := post.Piece{
			Text: rapid.StringOfN(rapid.SampledFrom([]rune("añ 😀#$.\n@/e\u0301U")), 0, 400, -1).Draw(t, "text"),
			Link: rapid.SampledFrom([]string{"", "https://sence.gob.cl/a", "sence.cl"}).Draw(t, "link"),
		}
		if rapid.Bool().Draw(t, "media") {
			p.Media = times(rapid.IntRange(1, 3).Draw(t, "files"), image())
		}
		if rapid.Bool().Draw(t, "long") {
			p.Text = strings.Repeat(p.Text, 12)
		}
		got := post.CheckPiece(n, p)
		if diff := cmp.Diff(got, post.CheckPiece(n, p)); diff != "" {
			t.Fatal(diff)
		}
		length := utf8.RuneCountInString(p.Text)
		for _, f := range got {
			if f.Start < 0 || f.End != 0 && f.Start >= f.End || f.End > length || f.Message == "" || f.Network != n {
				t.Fatalf("%+v of a text of %d", f, length)
			}
		}
		r, _ := post.PublicationRuleOf(n)
		tooLong := !r.ByTemplate && r.Unit.Count(post.Compose(n, p)) > r.Max
		if tooLong != slices.ContainsFunc(got, func(f post.Finding) bool { return f.Rule == post.RuleLong }) {
			t.Fatalf("too long: %t, %v", tooLong, got)
		}
	})
}
