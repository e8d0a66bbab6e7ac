package deliver

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// Notice is one letter in plain text to everybody in To. It holds nothing that a citizen wrote or is called.
type Notice struct {
	To      []string
	Subject string
	Text    string
}

// Mailer sends letters.
type Mailer interface {
	// Send sends one letter with at most one call. Its error's kind decides: Transient was proven not to have left,
	// Uncertain may have, the rest never will.
	Send(ctx context.Context, n Notice) error
}

// Notices says who is told of what waits for a person. With nobody in To, nothing is sent and Mailer may be nil. Console
// is the base address of the console. Quiet, which may be nil, gives the end of the hours in which letters wait, if it is
// such an hour. Log, which may be nil, gets one line for each letter that was given up.
type Notices struct {
	Mailer  Mailer
	To      []string
	Console string
	Quiet   func(now time.Time) (until time.Time, quiet bool)
	Log     *slog.Logger
}

// errInterrupted is what is known of a letter whose try claimed it and never came back.
var errInterrupted = errors.New("an earlier try never came back")

// notify claims, sends one letter, and takes the message away. A letter cannot be read back, so one that may have left
// counts as sent: what it told of stands in Atención all the same, and nobody reads a mailbox that repeats itself.
func (w *Worker) notify(ctx context.Context, now time.Time, m outbox.Message) error {
	if len(w.cfg.Notices.To) == 0 {
		return w.finish(ctx, ticket.Change{Done: []outbox.Ref{m.Ref()}})
	}
	letter, told, err := w.letter(ctx, m)
	if err != nil {
		return err
	}
	if !told {
		return w.finish(ctx, ticket.Change{Done: []outbox.Ref{m.Ref()}})
	}
	ref := m.Ref()
	if until, quiet := w.quiet(now); quiet {
		morning := m.Again(outbox.Notify, until)
		morning.First = morning.Due // waiting is not failing
		return w.finish(ctx, ticket.Change{Done: []outbox.Ref{ref}, Send: []outbox.Message{morning}})
	}
	err = w.cfg.Store.Commit(ctx, ticket.Change{Claim: &ref, ClaimAt: now})
	switch {
	case fault.Is(err, fault.NotFound):
		return nil // recorded by another try between our look and our claim
	case fault.Is(err, fault.Duplicate):
		return w.giveUpNotice(ctx, m, errInterrupted)
	case err != nil:
		return err
	}
	err = w.cfg.Notices.Mailer.Send(ctx, letter)
	switch {
	case err == nil:
		return w.finish(ctx, ticket.Change{Done: []outbox.Ref{ref}})
	case fault.Is(err, fault.Transient) && now.Sub(m.First) <= giveUp:
		again := m.Again(outbox.Notify, now.Add(w.wait(m.Attempt, err)))
		return w.finish(ctx, ticket.Change{Done: []outbox.Ref{ref}, Send: []outbox.Message{again}})
	default:
		return w.giveUpNotice(ctx, m, err)
	}
}

func (w *Worker) quiet(now time.Time) (time.Time, bool) {
	if w.cfg.Notices.Quiet == nil {
		return time.Time{}, false
	}
	return w.cfg.Notices.Quiet(now)
}

// giveUpNotice takes the message away. What it told of stays in Atención; that the letter may be missing concerns who
// runs the system, so it goes to the log and not into the case.
func (w *Worker) giveUpNotice(ctx context.Context, m outbox.Message, cause error) error {
	w.cfg.Notices.Log.LogAttrs(ctx, slog.LevelError, "notice given up", slog.String("ticket", m.Ticket),
		slog.String("matter", m.Subject), slog.Int("attempt", m.Attempt), slog.String("error", cause.Error()))
	return w.finish(ctx, ticket.Change{Done: []outbox.Ref{m.Ref()}})
}

// finish commits the end of a message. It names no case, so the version people work on does not move.
func (w *Worker) finish(ctx context.Context, c ticket.Change) error {
	err := w.cfg.Store.Commit(ctx, c)
	if fault.Is(err, fault.NotFound) {
		return nil // recorded by another try
	}
	return err
}

// letter is what people are to read about a matter; false when they are to read nothing: those who get letters need not be
// those who may know of a denuncia (ADR 0015), and an account that goes on again troubles nobody.
func (w *Worker) letter(ctx context.Context, m outbox.Message) (Notice, bool, error) {
	if id, is := outbox.PostOf(m.Ticket); is {
		return w.postLetter(ctx, m, id)
	}
	if !outbox.IsCase(m.Ticket) {
		return w.accountLetter(ctx, m)
	}
	t, err := w.cfg.Store.Ticket(ctx, m.Ticket)
	return w.caseLetter(t, m.Subject), err == nil && t.Intent.Final != classify.Denuncia, err
}

// caseLetter is what people read about a matter of a case: what happened, where, and what to do next. Mail travels outside of
// our walls, so it says nothing of who wrote or what; the link asks for a sign-in.
func (w *Worker) caseLetter(t ticket.Ticket, matter string) Notice {
	what, next := words(ticket.MatterKind(matter))
	return Notice{
		To:      w.cfg.Notices.To,
		Subject: t.Number + ": " + what,
		Text: strings.Join([]string{
			"Hola:",
			"Un caso espera que alguien lo revise. " + what + ".",
			"Caso: " + t.Number + "\nRed: " + t.Network.Title(),
			"Qué hacer ahora: " + next,
			strings.TrimRight(w.cfg.Notices.Console, "/") + "/casos/" + url.PathEscape(t.ID),
			once,
		}, "\n\n") + "\n",
	}
}

// once ends every letter.
const once = "Este aviso llega una sola vez. No respondas a este correo."

// accountLetter is what people read about an account that stopped by itself.
func (w *Worker) accountLetter(ctx context.Context, m outbox.Message) (Notice, bool, error) {
	ref, ok := channel.ParseRef(m.Channel)
	if !ok || w.cfg.Accounts.Store == nil {
		return Notice{}, false, nil
	}
	c, found, err := w.cfg.Accounts.Store.Channel(ctx, ref)
	if err != nil || !found || c.State != channel.Paused {
		return Notice{}, false, err
	}
	what := ref.Network.Title() + " está en pausa"
	return Notice{
		To:      w.cfg.Notices.To,
		Subject: what,
		Text: strings.Join([]string{
			"Hola:",
			what + ". " + stoppedBecause(c) + " Nada sale por esa cuenta y las respuestas esperan ahí.",
			"Cuenta: " + cmp.Or(c.Name, ref.Account),
			"Qué hacer ahora: " + restart(c),
			strings.TrimRight(w.cfg.Notices.Console, "/") + "/canales",
			once,
		}, "\n\n") + "\n",
	}, true, nil
}

func stoppedBecause(c channel.Channel) string {
	switch c.Reason {
	case channel.ReasonAuth:
		return "La red ya no acepta nuestra llave."
	case channel.ReasonRevoked:
		return "Alguien le quitó el acceso a nuestra aplicación."
	case channel.ReasonBlocked:
		return "La red bloqueó la cuenta."
	case channel.ReasonPermission:
		return "A nuestra aplicación le falta un permiso."
	default:
		return "La red la detuvo."
	}
}

func restart(c channel.Channel) string {
	if c.NeedsHands() {
		return "entra a Canales y conecta la cuenta de nuevo. Lo que espera saldrá solo, salvo lo que ya venció."
	}
	return "entra a Canales y mira qué pide la red. Cuando lo arreglen, reanuda la cuenta."
}

// words says what a kind of matter is and what to do about it, as the console does (web/src/words.ts).
func words(kind string) (what, next string) {
	switch kind {
	case ticket.MatterReplyUnknown:
		return "No se sabe si la respuesta salió",
			"Mira la publicación en la red. Luego decide en el caso: si no está, intentarla de nuevo o descartarla; si está, decir que se publicó."
	case ticket.MatterReplyRefused:
		return "La red rechazó la respuesta", "Abre el caso: el texto está ahí. Corrígelo según el motivo y envíalo de nuevo."
	case ticket.MatterReplyExpired:
		return "La respuesta no alcanzó a salir", "Abre el caso y revisa si todavía sirve. Luego envíala de nuevo."
	case ticket.MatterSIACUnknown:
		return "No se sabe si SIAC recibió el caso",
			"Abre el caso y búscalo de nuevo en SIAC. Si sigue sin saberse, busca su número en SIAC antes de ingresarlo a mano."
	case ticket.MatterSIACRefused:
		return "SIAC no aceptó el caso", "Revisa el motivo. Corrige el caso y envíalo de nuevo, o ingrésalo a mano en SIAC."
	case ticket.MatterActProposed:
		return "Proponen ocultar o mostrar un comentario", "Abre el caso y decide si corresponde. El motivo está ahí."
	case ticket.MatterReplyOvertaken:
		return "La persona escribió de nuevo y hay una respuesta programada",
			"Abre el caso y lee lo nuevo. Si la respuesta ya no sirve, cancélala; si no, saldrá a su hora."
	case ticket.MatterActRefused:
		return "La red no hizo lo que se pidió", "Abre el caso y revisa el motivo. Si hace falta, hazlo en la aplicación de la red."
	default:
		return "Algo de este caso no pudo terminar", "Abre el caso y revisa sus últimos pasos."
	}
}
