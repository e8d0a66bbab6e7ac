package main

import (
	"context"
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// speaker is a way out that only answers, and tells nothing of what is used up.
type speaker interface {
	Send(ctx context.Context, o post.Outgoing) (remoteID string, err error)
	Find(ctx context.Context, o post.Outgoing, since time.Time) (remoteID string, found bool, err error)
	Reason(err error) string
}

// mute is a speaker as deliver knows a way out: there are no acts on it.
type mute struct{ speaker }

func speakers(all map[mention.Network]speaker) map[mention.Network]deliver.Platform {
	out := make(map[mention.Network]deliver.Platform, len(all))
	for n, s := range all {
		out[n] = mute{s}
	}
	return out
}

// Send implements deliver.Platform.
func (m mute) Send(ctx context.Context, o post.Outgoing) (post.Receipt, error) {
	id, err := m.speaker.Send(ctx, o)
	return post.Receipt{ID: id}, err
}

// Act implements deliver.Platform.
func (mute) Act(context.Context, post.Act) (post.Receipt, error) {
	return post.Receipt{}, fault.New(fault.Permanent, "deliver.Act", errors.New("not there yet"))
}
