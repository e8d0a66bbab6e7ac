package deliver

import (
	"context"
	"net/url"
	"strings"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// postLetter is what people read about a matter of a post, while it stands. What the post says is not in it: mail travels outside
// of our walls, and what waits may not be public yet.
func (w *Worker) postLetter(ctx context.Context, m outbox.Message, id string) (Notice, bool, error) {
	if w.cfg.Posts == nil {
		return Notice{}, false, nil
	}
	a, stands, err := w.cfg.Posts.Matter(ctx, m.Ticket, m.Subject)
	if err != nil || !stands {
		return Notice{}, false, err
	}
	what, next := postWords(a.Kind)
	facts := []string{}
	if a.Network != "" {
		what += " en " + a.Network.Title()
		facts = append(facts, "Red: "+a.Network.Title())
	}
	if why := postReason(a); why != "" {
		facts = append(facts, "Motivo: "+why+".")
	}
	parts := []string{"Hola:", "Una publicación espera que alguien la revise. " + what + "."}
	if len(facts) > 0 {
		parts = append(parts, strings.Join(facts, "\n"))
	}
	parts = append(parts, "Qué hacer ahora: "+next, strings.TrimRight(w.cfg.Notices.Console, "/")+"/publicaciones/"+url.PathEscape(id), once)
	return Notice{To: w.cfg.Notices.To, Subject: what, Text: strings.Join(parts, "\n\n") + "\n"}, true, nil
}

// postWords says what a kind of matter of a post is and what to do about it.
func postWords(kind string) (what, next string) {
	switch kind {
	case agenda.MatterUnknown:
		return "No se sabe si la publicación salió",
			"mira la cuenta en la red. Si la publicación está, márcala como publicada. Si no está, decide si se publica otra vez."
	case agenda.MatterRefused:
		return "La publicación fue rechazada", "abre la publicación y mira el motivo. Corrígelo y vuelve a intentarlo, o descártala."
	case agenda.MatterExpired:
		return "La publicación no alcanzó a salir", "abre la publicación y revisa si todavía sirve. Vuelve a intentarlo, o descártala."
	case agenda.MatterLate:
		return "La publicación está atrasada",
			"el gestor la sigue intentando hasta 15 minutos después de su hora. Mira el motivo: quizás tú puedas resolverlo antes."
	case agenda.MatterLapsed:
		return "Nadie aprobó la publicación a tiempo", "abre la publicación y revisa si todavía sirve. Si sirve, haz una copia con otra hora."
	case agenda.MatterEmergency:
		return "Una persona publicó de emergencia, sin que otra la aprobara", "abre la publicación, léela y marca que la revisaste."
	default:
		return "Algo de una publicación no pudo terminar", "abre la publicación y revisa sus últimos pasos."
	}
}

// postReason is why a matter came up; "" when there is nothing to add. What a person wrote stays inside.
func postReason(a ticket.Attention) string {
	if a.Kind == agenda.MatterEmergency || a.Kind == agenda.MatterLapsed || a.Reason == "" {
		return ""
	}
	if words := ourReason(a.Reason); words != "" {
		return words
	}
	if words := networkReason(a.Reason); words != "" {
		return words
	}
	return "la red no lo explicó"
}

func ourReason(code string) string {
	switch code {
	case agenda.ReasonLate:
		return "pasó su hora antes de que pudiera salir"
	case agenda.ReasonUnasked:
		return "lo que dice no es lo que se aprobó"
	case agenda.ReasonNotFound:
		return "se buscó en la red y no apareció"
	case agenda.ReasonWorking:
		return "la red todavía procesa las imágenes o el video"
	case reasonInterrupted:
		return "el envío se interrumpió"
	case ReasonBan:
		return "ese día no se publica por la veda"
	case ReasonRules:
		return "no cumple las reglas de la red"
	case ReasonNoWay:
		return "el gestor no publica en esa red"
	case channel.HeldPaused:
		return "la cuenta está en pausa"
	case channel.HeldBudget:
		return "se usó lo que la red permite por ahora"
	case channel.HeldSpend:
		return "se gastó el límite de hoy"
	case channel.ShutClosed:
		return "la cuenta está desconectada"
	default:
		return ""
	}
}

// networkReason says what the codes of the adapters mean (shared/once and the networks' packages).
func networkReason(code string) string {
	switch code {
	case reasonAuth:
		return "la red no aceptó nuestra credencial"
	case reasonPermission:
		return "la aplicación no tiene permiso para publicar"
	case reasonThrottle, "quota":
		return "la red pidió esperar"
	case reasonDuplicate:
		return "la red dice que ese texto ya estaba"
	case "content", "invalid":
		return "la red no acepta lo que dice o muestra"
	case "media":
		return "la red no aceptó las imágenes o el video"
	case "unreachable":
		return "no hubo conexión con la red"
	case reasonNameless, "uncertain":
		return "la red no dijo si la publicó"
	case "unsupported":
		return "la red no lo permite"
	default:
		return ""
	}
}
