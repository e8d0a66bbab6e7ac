package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// The cases the events speak of, by number (see caseID). What they still have to do is due so far ahead that nobody but
// the event in question does it.
func seeds() (answered, claims []int) {
	return []int{1, 2, 3, 6, 7, 9, 10, 11}, []int{4, 5}
}

// untouched is a case that is only open.
const untouched = 12

// wall is the post of the simulated page under which replies go.
const wall = "100000000000001_122100000000000101"

// caseID is the id of case n in the events.
func caseID(n int) string { return fmt.Sprintf("01EVENTO%018d", n) }

// said is what the reply of case n says.
func said(n int) string { return fmt.Sprintf("Respuesta del evento %d.", n) }

// seed puts the cases into the store, through the steps that make cases.
func (l *lane) seed(ctx context.Context) error {
	env := l.environments["IntakeFunction"]
	now := time.Now().UTC()
	store := dynamo.New(dynamo.Config{
		Client: dynamodb.New(dynamodb.Options{
			Region: "us-east-1", BaseEndpoint: aws.String(env["AWS_ENDPOINT_URL_DYNAMODB"]),
			Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		}),
		Table: env["GESTOR_TABLE"], Bitacora: env["GESTOR_BITACORA"], Clock: time.Now,
	})
	answered, claims := seeds()
	for _, n := range answered {
		due := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
		if n == 9 { // the one that tick/minute finds, and no other
			due = due.AddDate(-1, 0, 0)
		}
		if err := plan(ctx, store, n, due, now); err != nil {
			return fmt.Errorf("case %d: %w", n, err)
		}
	}
	for _, n := range claims {
		if err := store.Commit(ctx, opening(n, classify.Reclamo, now)); err != nil {
			return fmt.Errorf("case %d: %w", n, err)
		}
	}
	if err := store.Commit(ctx, opening(untouched, classify.Consulta, now)); err != nil {
		return err
	}
	if err := publish(ctx, store, now); err != nil {
		return err
	}
	changes, err := l.toFetch(now)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if err := store.Commit(ctx, c); err != nil {
			return fmt.Errorf("what fetch is to do: %w", err)
		}
	}
	return nil
}

// The cases of which fetch has something to do, and the connection.
const (
	attached   = 13
	lent       = 14
	connection = "EVENTOCONEXION"
)

// awaited are comments that the simulated network told of and does not know.
func awaited() []string { return []string{"122100000000000101_9000021", "122100000000000101_9000022"} }

// toFetch is what the events of fetch speak of, each with its message.
func (l *lane) toFetch(now time.Time) ([]ticket.Change, error) {
	due := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	page := channel.Ref{Network: mention.Facebook, Account: "100000000000001"}
	phone := channel.Ref{Network: mention.WhatsApp, Account: "100000000000041"}
	message := func(id string, topic outbox.Topic, cause, subject string, ref channel.Ref) []outbox.Message {
		m := outbox.New(id, topic, cause, subject, id, due)
		if ref.Account != "" {
			m.Channel = ref.String()
		}
		return []outbox.Message{m}
	}
	var changes []ticket.Change
	for _, key := range awaited() {
		told := mention.Event{
			Outcome: mention.Fetch, Network: page.Network, Kind: mention.Comment, Key: key, Thread: wall, Account: page.Account, At: now,
		}
		c := ticket.Await(key, told, nil, now, now)
		c.Send = message("evento-item-"+key[len(key)-7:], outbox.FetchItem, c.Send[0].Ticket, key, page)
		changes = append(changes, c)
	}
	hung := opened(attached, classify.Consulta, now, func(o *ticket.Opening) {
		o.Event.Kind, o.Event.Thread, o.Event.At = mention.DM, "evento", time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		o.Event.Attachments = []mention.Attachment{{Type: "image", URL: "https://ajeno.example/imagen.png"}}
	})
	hung.Send = message("evento-media", outbox.CopyMedia, hung.Ticket.ID, ticket.MediaSubject(hung.Mentions[0]), page)
	old := opened(lent, classify.Consulta, now, func(o *ticket.Opening) {
		o.Event.Network, o.Event.Account, o.Event.Thread = mention.LinkedIn, "urn:li:organization:1000031", "urn:li:activity:7100000000000000011"
		o.Received = now.Add(-50 * time.Hour)
	})
	old.Send = message("evento-forget", outbox.Forget, old.Ticket.ID, old.Mentions[0].Key, channel.Ref{})
	asked, err := channel.Begin(connection, channel.Wanted{Network: mention.LinkedIn, By: "supervisor", Redirect: l.base + "/oauth/callback"}, now)
	if err != nil {
		return nil, err
	}
	return append(changes, hung, old,
		ticket.Change{Connection: &asked, Send: message("evento-connect", outbox.Connect, outbox.ConnectionCause(connection), "", channel.Ref{})},
		ticket.Change{Send: message("evento-look", outbox.Look, outbox.ChannelCause(phone.String()), "", phone)},
	), nil
}

// opening opens a case whose own mention is not on the simulated wall; a reclamo in doubt waits until 2099 for SIAC.
func opening(n int, intent classify.Intent, now time.Time) ticket.Change {
	c := opened(n, intent, now, func(*ticket.Opening) {})
	c.Ticket.Target = wall
	return c
}

// opened opens a case that is otherwise in some way.
func opened(n int, intent classify.Intent, now time.Time, otherwise func(*ticket.Opening)) ticket.Change {
	in := ticket.Opening{
		ID: caseID(n), Number: fmt.Sprintf("RS-2026-99%05d-0", n), Conversation: fmt.Sprintf("evento-%d", n), CitizenKey: "ficticia",
		Event: mention.Event{
			Outcome: mention.Interaction, Network: mention.Facebook, Kind: mention.Comment, Key: fmt.Sprintf("evento_%d", n),
			Thread: wall, Account: "100000000000001", Text: "Texto ficticio", At: now, Author: &mention.Author{Name: "Persona Ficticia"},
		},
		Class:   classify.Result{Intent: intent, Probabilities: map[classify.Intent]float64{intent: 0.5}, Urgency: classify.Media},
		Excerpt: "Texto ficticio", DueDate: "2098-12-31", DueAt: time.Date(2098, 12, 31, 0, 0, 0, 0, time.UTC),
		DoubtAt: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), Now: now,
	}
	otherwise(&in)
	return ticket.Open(in, ticket.DefaultPolicy(), nil)
}

// plan opens case n, takes it, and plans its reply.
func plan(ctx context.Context, store *dynamo.Store, n int, due, now time.Time) error {
	ana := ticket.Actor{ID: "ejecutivo1", Name: "Ana Ficticia", Roles: []ticket.Role{ticket.CommunityManager}}
	open := opening(n, classify.Consulta, now)
	if err := store.Commit(ctx, open); err != nil {
		return err
	}
	held, err := open.Ticket.Claim(ana, now)
	if err != nil {
		return err
	}
	if err := store.Commit(ctx, held); err != nil {
		return err
	}
	planned, err := held.Ticket.PlanReply(ana, said(n), post.Public, due, now)
	if err != nil {
		return err
	}
	return store.Commit(ctx, planned)
}
