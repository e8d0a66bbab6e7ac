package sim

import (
	"net/http"
	"strconv"
	"strings"
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
	opens := false
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.read(func(w *world) {
		m, it = w.mediumOf(id)
		why, _ := w.shut(w.keyOf(appMeta, bearer, s.cfg.PageToken, false), networkAccount(targetWhatsApp), []string{"whatsapp_business_messaging"}, s.cfg.Clock())
		opens = why == ""
	})
	switch {
	case !opens:
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
	case err != nil || it == nil || it.Removed || q.Get("hash") != mediaHash(id, ends) || s.cfg.Clock().After(time.Unix(at, 0)):
		http.Error(w, "Not Found", http.StatusNotFound)
	default:
		writeMedium(w, m)
	}
}

// businessOf is the business account a telephone belongs to.
func businessOf(phone string) string {
	if phone == secondAccount(targetWhatsApp) {
		return "100000000000140"
	}
	return whatsappBusiness
}

// phoneView gives the named fields of a telephone.
func phoneView(phone, fields string) (obj, error) {
	display, name := "+56 9 0000 0041", pageName
	if isSecond(phone) {
		display, name = "+56 9 0000 0042", secondName
	}
	if fields == "" {
		fields = "verified_name,display_phone_number,quality_rating"
	}
	return pick(phone, fields, func(f wanted) (any, bool, error) {
		v, there := map[string]any{
			"display_phone_number": display, "verified_name": name, "quality_rating": "GREEN", "status": "CONNECTED",
			"code_verification_status": "VERIFIED", "platform_type": "CLOUD_API", "name_status": "APPROVED",
		}[f.name]
		return v, there, nil
	})
}

// businessEdge gives what answers a call on a business account.
func (s *Simulator) businessEdge(call string) func(http.ResponseWriter, *http.Request, string) {
	switch call {
	case "GET phone_numbers":
		return func(w http.ResponseWriter, r *http.Request, business string) {
			phone := networkAccount(targetWhatsApp)
			if business != businessOf(phone) {
				phone = secondAccount(targetWhatsApp)
			}
			s.writePicked(w, func() (obj, error) {
				one, err := phoneView(phone, r.Form.Get("fields"))
				return obj{"data": []obj{one}}, err
			})
		}
	case "GET message_templates":
		return s.whatsappList
	case "GET subscribed_apps":
		return s.graphSubscription
	case "POST subscribed_apps":
		return s.graphSubscribe
	case "DELETE subscribed_apps":
		return s.graphUnsubscribe
	}
	return nil
}
