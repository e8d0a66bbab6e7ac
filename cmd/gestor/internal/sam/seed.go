package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/mention"
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
	return store.Commit(ctx, opening(untouched, classify.Consulta, now))
}

// opening opens a case whose own mention is not on the simulated wall; a reclamo in doubt waits until 2099 for SIAC.
func opening(n int, intent classify.Intent, now time.Time) ticket.Change {
	c := ticket.Open(ticket.Opening{
		ID: caseID(n), Number: fmt.Sprintf("RS-2026-99%05d-0", n), Conversation: fmt.Sprintf("evento-%d", n), CitizenKey: "ficticia",
		Event: mention.Event{
			Outcome: mention.Interaction, Network: mention.Facebook, Kind: mention.Comment, Key: fmt.Sprintf("evento_%d", n),
			Thread: wall, Account: "100000000000001", Text: "Texto ficticio", At: now, Author: &mention.Author{Name: "Persona Ficticia"},
		},
		Class:   classify.Result{Intent: intent, Probabilities: map[classify.Intent]float64{intent: 0.5}, Urgency: classify.Media},
		Excerpt: "Texto ficticio", DueDate: "2098-12-31", DueAt: time.Date(2098, 12, 31, 0, 0, 0, 0, time.UTC),
		DoubtAt: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), Now: now,
	}, ticket.DefaultPolicy(), nil)
	c.Ticket.Target = wall
	return c
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
