package load

import (
	"context"
	"encoding/json"
	"net/http"

	"sence.gob.cl/gestor/shared/mention"
)

// Simulator is the networks of a local system, seen from outside.
type Simulator struct{ system System }

// NewSimulator makes the way to the simulator at base.
func NewSimulator(base string) *Simulator { return &Simulator{system: *NewSystem(base)} }

// write has a fictitious person write on a network, which then tells the system of it, or does not.
func (s *Simulator) write(ctx context.Context, one item) error {
	kind := "comment"
	switch one.Network {
	case mention.WhatsApp:
		kind = "dm"
	case mention.X:
		kind = "mention"
	case mention.Facebook, mention.Instagram, mention.LinkedIn:
	}
	body, err := json.Marshal(map[string]string{"author": one.Author, "name": one.Name, "text": one.Text, "kind": kind})
	if err != nil {
		return err
	}
	var made struct{ ID string }
	return s.system.call(ctx, http.MethodPost, "/sim/"+string(one.Network)+"/messages", body, &made)
}

// dropped counts the deliveries its faults have swallowed.
func (s *Simulator) dropped(ctx context.Context) (int, error) {
	var faults []struct {
		Mode string `json:"mode"`
		Hits int    `json:"hits"`
	}
	err := s.system.call(ctx, http.MethodGet, "/sim/faults", nil, &faults)
	sum := 0
	for _, f := range faults {
		if f.Mode == "drop_webhooks" {
			sum += f.Hits
		}
	}
	return sum, err
}
