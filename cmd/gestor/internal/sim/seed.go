package sim

import "time"

// The posts the world begins with, by the last digits of their ids.
const (
	seedFirst   = "12210000000000010"
	foreignPage = "100000000000777"
)

func (w *world) defaultPost() string { return w.pageID + "_" + seedFirst + "1" }

func foreignPost() string { return foreignPage + "_" + seedFirst + "9" }

// seedPosts are what the page had published, the first being where comments without a thread hang.
func seedPosts() []string {
	return []string{
		"¿Buscas capacitarte? Revisa en nuestro sitio los cursos con inscripción abierta en tu región. Cuéntanos en los comentarios qué te gustaría aprender.",
		"Si trabajas con contrato y tienes entre 18 y 24 años, revisa si te corresponde un subsidio al empleo. Los requisitos están en nuestro sitio.",
		"Recuerda: SENCE nunca pide claves ni pagos por redes sociales. Si recibes un mensaje así, no respondas y avísanos.",
		"Ya puedes descargar tus certificados de cursos en línea con tu ClaveÚnica. Aquí te contamos cómo.",
	}
}

// seed puts the page's posts and somebody else's wall in an empty world, and what the other networks begin with.
func (s *Simulator) seed(t *tx) error {
	t.seedOthers()
	s.seedSubscriptions(t)
	if len(t.w.posts) > 0 {
		return nil
	}
	page := person{t.w.pageID, pageName}
	began := t.now.UTC().AddDate(0, 0, -60).Truncate(time.Hour)
	for i, text := range seedPosts() {
		id := t.w.pageID + "_" + seedFirst + string(rune('1'+i))
		t.add(change{Item: &item{ID: id, Kind: kindPost, Thread: id, From: page, Text: text, At: began.AddDate(0, 0, i), Own: true, Seed: true}})
	}
	t.add(change{Item: &item{
		ID: foreignPost(), Kind: kindPost, Thread: foreignPost(), From: person{foreignPage, "Vecinos de Villa Ficticia"},
		Text: "Datos de trabajo y cursos para la villa. Etiqueten a quien le sirva.", At: began, Foreign: true, Seed: true,
	}})
	return nil
}
