package main

import (
	"context"
	"fmt"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// The posts the events speak of: one that was approved and goes out, and one that nobody approves.
const (
	approvedPost = "01EVENTOPUBLICADA000000001"
	lapsingPost  = "01EVENTOVENCIDA00000000001"
)

const announced = "Aviso del evento: postula a los cursos ficticios."

// publish puts the posts into the store, through the steps that make posts.
func publish(ctx context.Context, store *dynamo.Store, now time.Time) error {
	author := ticket.Actor{ID: "autora", Name: "Autora Ficticia", Roles: []ticket.Role{ticket.Comunicaciones}}
	second := ticket.Actor{ID: "segunda", Name: "Segunda Ficticia", Roles: []ticket.Role{ticket.Supervisor}}
	said := post.Content{
		Text: announced, Networks: []mention.Network{mention.Facebook}, PublishAt: post.Moment{At: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	for _, id := range []string{approvedPost, lapsingPost} {
		steps := []func(p agenda.Plan) (ticket.Change, error){
			func(agenda.Plan) (ticket.Change, error) { return agenda.Draft(id, author, said, agenda.About{}, now) },
			func(p agenda.Plan) (ticket.Change, error) { return p.Submit(author, now) },
		}
		if id == approvedPost {
			steps = append(steps, func(p agenda.Plan) (ticket.Change, error) {
				return p.Approve(second, agenda.Consent{}, mention.Accounts{mention.Facebook: {"100000000000001"}}, now)
			})
		}
		var p agenda.Plan
		for _, step := range steps {
			c, err := step(p)
			if err == nil {
				err = store.Commit(ctx, c)
			}
			if err == nil {
				p, err = store.Plan(ctx, id)
			}
			if err != nil {
				return fmt.Errorf("post %s: %w", id, err)
			}
		}
	}
	return nil
}

// postIn expects a post to be in a state, and to stand on the simulated page as often.
func (l *lane) postIn(id, state string, stands int) func(context.Context) string {
	return func(ctx context.Context) string {
		return until(ctx, func() string {
			var p struct{ State string }
			status, err := l.ask(ctx, "GET", l.base+"/api/v1/posts/"+id, "", &p)
			switch times := l.times(ctx, announced); {
			case err != nil || p.State != state:
				return fmt.Sprintf("post %s: %d, %q, want %q", id, status, p.State, state)
			case times != stands:
				return fmt.Sprintf("post %s stands there %d times, want %d", id, times, stands)
			}
			return ""
		})
	}
}
