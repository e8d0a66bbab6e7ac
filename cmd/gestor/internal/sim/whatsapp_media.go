package sim

import (
	"net/http"
	"strconv"
	"time"
)

// whatsappMediaKept is how long the id of a medium opens anything (platforms.md §2.4).
const whatsappMediaKept = 7 * 24 * time.Hour

// whatsappMediaPath is where the bytes are.
const whatsappMediaPath = "/lookaside/whatsapp_business/attachments/"

// whatsappMedium is GET /{medium}?phone_number_id=: where its bytes are, for five minutes. It answers false for what is no
// medium of WhatsApp.
func (s *Simulator) whatsappMedium(w http.ResponseWriter, r *http.Request, id string) bool {
	var m medium
	var it *item
	now := s.cfg.Clock()
	s.read(func(w *world) { m, it = w.mediumOf(id) })
	if it == nil || it.Network != targetWhatsApp {
		return false
	}
	if phone := r.Form.Get("phone_number_id"); it.Removed || now.Sub(m.At) > whatsappMediaKept || phone != "" && phone != networkAccount(targetWhatsApp) {
		writeGraphError(w, gone(r.Method, id))
		return true
	}
	ends := strconv.FormatInt(now.Add(whatsappMediaLife).Unix(), 10)
	writeGraph(w, http.StatusOK, obj{
		"messaging_product": targetWhatsApp, "mime_type": m.mime(), "sha256": m.hash(), "file_size": len(m.bytes()), "id": id,
		"url": s.cfg.Base + whatsappMediaPath + "?mid=" + id + "&source=webhook&ext=" + ends + "&hash=" + mediaHash(id, ends),
	})
	return true
}

func mediaHash(id, ends string) string { return sign256("medios", []byte(id+"."+ends))[:24] }

// whatsappBytes answers the address of a medium: to our key, and for five minutes.
func (s *Simulator) whatsappBytes(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	id, ends := q.Get("mid"), q.Get("ext")
	at, err := strconv.ParseInt(ends, 10, 64)
	var m medium
	var it *item
	s.read(func(w *world) { m, it = w.mediumOf(id) })
	switch {
	case !bearer(r, s.cfg.PageToken):
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
	case err != nil || it == nil || it.Removed || q.Get("hash") != mediaHash(id, ends) || s.cfg.Clock().After(time.Unix(at, 0)):
		http.Error(w, "Not Found", http.StatusNotFound)
	default:
		writeMedium(w, m)
	}
}
