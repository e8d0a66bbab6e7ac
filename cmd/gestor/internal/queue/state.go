package queue

import (
	"slices"
	"sort"
	"time"
)

// mode says where a message stands in its queue.
type mode int

const (
	modeVisible  mode = iota + 1 // may be handed out, when its lane is free
	modeDelayed                  // sent with a delay that has not passed
	modeHeld                     // a consumer works on it
	modeDeferred                 // given back for later
	modeLeaving                  // its deletion or move is being written
)

// stored is what the log keeps of a message.
type stored struct {
	ID         string               `json:"id"`
	Body       string               `json:"body"`
	Attributes map[string]Attribute `json:"attributes,omitempty"`
	Trace      string               `json:"trace,omitempty"`
	Group      string               `json:"group,omitempty"`
	Dedup      string               `json:"dedup,omitempty"`
	Sent       time.Time            `json:"sent"`
	Ready      time.Time            `json:"ready,omitzero"` // when a delay ends
	Seq        uint64               `json:"seq"`
	Count      int                  `json:"count,omitempty"`  // how often it was received
	First      time.Time            `json:"first,omitzero"`   // when it was received first
	Source     string               `json:"source,omitempty"` // the queue it died in
}

// size is what the message costs in the log, roughly.
func (m *stored) size() int64 { return int64(len(m.Body)) + 256 }

// message is a stored message in its place.
type message struct {
	stored
	queue *queue
	lane  *lane
	mode  mode
	until time.Time // end of hiding
	slot  int       // place in queue.asleep
	exit  *batch    // the batch that writes its leaving
}

// lane is a run of messages that are handed out in order: a message group, or a single message of a standard queue.
// While one of its messages is hidden, no other is handed out.
type lane struct {
	group    string
	messages []*message // by Seq
	hidden   int        // messages that are not visible
	slot     int        // place in queue.ready
}

// sighting remembers a deduplication id.
type sighting struct {
	ID    string
	Seq   uint64
	At    time.Time
	batch *batch // the batch that will write it; nil once written
}

// queue is one queue in memory. Its methods need the service's lock.
type queue struct {
	spec        Spec
	known       bool // declared, not only found in the log
	deadLetters bool // another queue's dead letters come here
	lanes       map[string]*lane
	ready       pile[*lane]    // lanes that may give, oldest head first
	asleep      pile[*message] // hidden messages with an end, earliest first
	counts      [modeLeaving + 1]int
	seen        map[string]*sighting
	sightings   []string      // keys of seen, in order of time
	bell        chan struct{} // closed when a waiting receiver should look again; nil while none waits
	waiting     int           // receivers that wait, for the tests
}

func newQueue(spec Spec, known bool) *queue {
	return &queue{
		spec:  spec,
		known: known,
		lanes: make(map[string]*lane),
		seen:  make(map[string]*sighting),
		ready: pile[*lane]{
			less: func(a, b *lane) bool { return a.messages[0].Seq < b.messages[0].Seq },
			slot: func(l *lane) *int { return &l.slot },
		},
		asleep: pile[*message]{
			less: func(a, b *message) bool { return a.until.Before(b.until) },
			slot: func(m *message) *int { return &m.slot },
		},
	}
}

// ring makes the waiting receivers look again.
func (q *queue) ring() {
	if q.bell != nil {
		close(q.bell)
		q.bell = nil
	}
}

// listen gives the channel that the next ring closes.
func (q *queue) listen() <-chan struct{} {
	if q.bell == nil {
		q.bell = make(chan struct{})
	}
	return q.bell
}

// add puts a message behind the others of its lane. A clock that went back since the message was sent (the process
// started again with a smaller offset) does not lengthen its delay.
func (q *queue) add(st stored, now time.Time) *message {
	m := &message{stored: st, queue: q, mode: modeVisible, slot: -1}
	l := q.lanes[st.Group]
	if l == nil || !q.spec.FIFO {
		l = &lane{group: st.Group, slot: -1}
		if q.spec.FIFO {
			q.lanes[st.Group] = l
		}
	}
	m.lane = l
	l.messages = append(l.messages, m)
	q.counts[modeVisible]++
	until := st.Ready
	if now.Before(st.Sent) {
		until = now.Add(st.Ready.Sub(st.Sent))
	}
	if until.After(now) {
		q.hide(m, modeDelayed, until)
		return m
	}
	q.settle(l)
	return m
}

// hide takes a message out of what may be handed out, until then.
func (q *queue) hide(m *message, as mode, until time.Time) {
	q.become(m, as)
	m.until = until
	q.asleep.put(m)
}

// park takes a message out for good: the record that ends its stay is being written.
func (q *queue) park(m *message, b *batch) {
	q.become(m, modeLeaving)
	q.asleep.pull(m)
	m.exit = b
}

// show makes a hidden message one that may be handed out.
func (q *queue) show(m *message) {
	q.asleep.pull(m)
	q.become(m, modeVisible)
}

// become changes the mode and keeps lane and counts true.
func (q *queue) become(m *message, as mode) {
	q.counts[m.mode]--
	q.counts[as]++
	if m.mode == modeVisible {
		m.lane.hidden++
	}
	if as == modeVisible {
		m.lane.hidden--
	}
	m.mode = as
	q.settle(m.lane)
}

// drop removes a message from the queue.
func (q *queue) drop(m *message) {
	q.asleep.pull(m)
	q.ready.pull(m.lane)
	q.counts[m.mode]--
	if m.mode != modeVisible {
		m.lane.hidden--
	}
	l := m.lane
	at := sort.Search(len(l.messages), func(i int) bool { return l.messages[i].Seq >= m.Seq })
	l.messages = slices.Delete(l.messages, at, at+1)
	if len(l.messages) == 0 && q.spec.FIFO {
		delete(q.lanes, l.group)
	}
	q.settle(l)
}

// settle puts the lane where it belongs: among those that may give, or not.
func (q *queue) settle(l *lane) {
	if l.hidden == 0 && len(l.messages) > 0 {
		q.ready.put(l)
		return
	}
	q.ready.pull(l)
}

// promote shows every message whose hiding has ended.
func (q *queue) promote(now time.Time) {
	for q.asleep.len() > 0 && !q.asleep.top().until.After(now) {
		q.show(q.asleep.top())
	}
}

// nextChange is how long until a hidden message shows again; false when none will by itself.
func (q *queue) nextChange(now time.Time) (time.Duration, bool) {
	if q.asleep.len() == 0 {
		return 0, false
	}
	return max(q.asleep.top().until.Sub(now), time.Millisecond), true
}

// exhausted reports whether a message has been handed out as often as it may.
func (q *queue) exhausted(m *message) bool {
	return q.spec.DeadLetters != "" && m.Count >= q.spec.MaxReceive
}

// saw finds a fresh sighting of a deduplication id.
func (q *queue) saw(dedup string, now time.Time) *sighting {
	if s := q.seen[dedup]; s != nil && s.fresh(now) {
		return s
	}
	return nil
}

// note remembers a deduplication id and forgets the old ones.
func (q *queue) note(dedup string, s *sighting) {
	q.forget(s.At)
	if q.seen[dedup] == nil {
		q.sightings = append(q.sightings, dedup)
	}
	q.seen[dedup] = s
}

// forget drops the sightings whose window has passed.
func (q *queue) forget(now time.Time) {
	done := 0
	for _, dedup := range q.sightings {
		if q.seen[dedup].fresh(now) {
			break
		}
		delete(q.seen, dedup)
		done++
	}
	q.sightings = q.sightings[done:]
}

// fresh reports whether the window is open. A clock that went back more than the window closes it too.
func (s *sighting) fresh(now time.Time) bool { return now.Sub(s.At).Abs() < dedupWindow }
