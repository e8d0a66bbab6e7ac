package mention_test

import (
	"testing"

	"sence.gob.cl/gestor/shared/mention"
)

func TestRank(t *testing.T) {
	last := 0
	for _, flag := range []string{mention.FlagSent, mention.FlagFailed, mention.FlagDelivered, mention.FlagRead, mention.FlagPlayed, mention.FlagDeleted} {
		rank := mention.Event{Outcome: mention.Status, Flags: []string{mention.FlagGroup, flag}}.Rank()
		if rank <= last {
			t.Errorf("%s has rank %d, after %d", flag, rank, last)
		}
		last = rank
	}
	for _, e := range []mention.Event{
		{Outcome: mention.Status, Flags: []string{mention.FlagWarning}},
		{Outcome: mention.Status},
		{Outcome: mention.Interaction, Flags: []string{mention.FlagRead}},
	} {
		if e.Rank() != 0 {
			t.Errorf("%+v has rank %d", e, e.Rank())
		}
	}
}
