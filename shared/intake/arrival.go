package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// arrival is the delivery in hand: where it came from, when it reached us, when it is worked, and how many of its items
// looking for lost ones had to bring, by account.
type arrival struct {
	network       mention.Network
	origin        string
	raw           []byte
	received, now time.Time

	mu     sync.Mutex
	mended map[channel.Ref]int
}

// read reports whether its events were read from the network, and so tell what stands there now.
func (a *arrival) read() bool {
	return a.origin == mention.OriginItem || a.origin == mention.OriginList
}

// news notes that an item was new to us. Was is what was known of it: an item that its network had told of is not repaired.
func (a *arrival) news(e mention.Event, was *ticket.Seen) {
	if a.origin != mention.OriginList || was != nil && was.Awaited != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.mended == nil {
		a.mended = map[channel.Ref]int{}
	}
	a.mended[refOf(e)]++
}

func refOf(e mention.Event) channel.Ref { return channel.Ref{Network: e.Network, Account: e.Account} }

// quarantine keeps the delivery's exact bytes with the reason, once; of a delivery too large for an item, that it came.
func (w *Worker) quarantine(ctx context.Context, e mention.Event, a *arrival) error {
	sum := sha256.New()
	sum.Write([]byte(a.network))
	sum.Write(a.raw)
	sum.Write([]byte(e.Reason))
	packed, err := mention.Pack(a.raw)
	if err != nil {
		return fault.New(fault.Transient, "intake.quarantine", err)
	}
	const inItem = 300 << 10 // DynamoDB takes 400 KB an item, and the store packs too
	kept := a.raw
	if len(packed) > inItem {
		kept = nil
	}
	q := ticket.Quarantined{
		ID: hex.EncodeToString(sum.Sum(nil)[:16]), Network: a.network, Reason: reasonOf(e), At: a.received, Size: len(a.raw), Raw: kept,
		Expires: ticket.KeptRaw(a.network, a.received),
	}
	err = w.cfg.Store.Commit(ctx, ticket.Change{Quarantine: &q})
	if fault.Is(err, fault.Duplicate) {
		return nil
	}
	return err
}

func reasonOf(e mention.Event) string {
	if e.Reason != "" {
		return e.Reason
	}
	return string(e.Outcome)
}
