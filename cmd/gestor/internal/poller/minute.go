package poller

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Minute is the rule that invokes Function every minute. Rule is the rule's name, for the event.
type Minute struct {
	Function string
	Rule     string
}

type minuteSource struct {
	Minute
	p *Poller
}

// run fires at every full minute of the local clock. An event that takes longer than a minute does not hold up the next,
// as with EventBridge; how many may run at once is the function's concurrency. A jump of the clock is not announced here:
// who jumps calls Fire, and the next turn, a minute later at most, finds the new minutes.
func (s *minuteSource) run(ctx context.Context) {
	var events sync.WaitGroup
	defer events.Wait()
	last := s.p.cfg.Clock().Truncate(time.Minute)
	for {
		now := s.p.cfg.Clock()
		if minute := now.Truncate(time.Minute); minute.After(last) {
			last = minute
			events.Go(func() {
				if err := s.fire(context.WithoutCancel(ctx), minute); err != nil {
					s.p.cfg.Log.Error("minute rule failed", slog.String("function", s.Function), slog.String("error", err.Error()))
				}
			})
		}
		next := time.NewTimer(now.Truncate(time.Minute).Add(time.Minute).Sub(now))
		select {
		case <-next.C:
		case <-ctx.Done():
			next.Stop()
			return
		}
	}
}

// fire invokes the function for the instant at and waits for its end.
func (s *minuteSource) fire(ctx context.Context, at time.Time) error {
	s.p.begin()
	defer s.p.end()
	event, err := s.event(at)
	if err != nil {
		return fmt.Errorf("poller.Fire: %w", err)
	}
	res, err := s.p.cfg.Invoke(ctx, s.Function, event)
	if err != nil {
		return fmt.Errorf("poller.Fire: %w", err)
	}
	if res.FunctionError != "" {
		return fmt.Errorf("poller.Fire: function %s: %s %s", s.Function, res.FunctionError, errorType(res.Payload))
	}
	return nil
}

// event is EventBridge's scheduled event. AWS's time has whole seconds; a fraction appears here only when a tick is asked
// for an instant that has one, so that nothing due in it is missed.
func (s *minuteSource) event(at time.Time) ([]byte, error) {
	return marshal(struct {
		Version    string          `json:"version"`
		ID         string          `json:"id"`
		DetailType string          `json:"detail-type"`
		Source     string          `json:"source"`
		Account    string          `json:"account"`
		Time       time.Time       `json:"time"`
		Region     string          `json:"region"`
		Resources  []string        `json:"resources"`
		Detail     json.RawMessage `json:"detail"`
	}{
		Version: "0", ID: newID(), DetailType: "Scheduled Event", Source: "aws.events", Account: s.p.cfg.Account,
		Time: at.UTC(), Region: s.p.cfg.Region,
		Resources: []string{"arn:aws:events:" + s.p.cfg.Region + ":" + s.p.cfg.Account + ":rule/" + s.Rule},
		Detail:    json.RawMessage(`{}`),
	})
}
