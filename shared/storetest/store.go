// Package storetest is the contract every store of cases must pass, in the words of ticket.Change. Only tests import it.
package storetest

import (
	"context"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/model"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Writer is the one way to write.
type Writer interface {
	Commit(ctx context.Context, c ticket.Change) error
}

// Cases reads a case and what hangs on it.
type Cases interface {
	Ticket(ctx context.Context, id string) (ticket.Ticket, error)
	Story(ctx context.Context, id string) (ticket.Story, error)
	History(ctx context.Context, id string) ([]audit.Entry, error)
	Mention(ctx context.Context, ticketID, key string, at time.Time) (ticket.Mention, error)
	Reply(ctx context.Context, ticketID, replyID string) (ticket.Reply, error)
}

// Finder finds what has a name of its own.
type Finder interface {
	OpenTicket(ctx context.Context, conversation string) (id string, found bool, err error)
	Seen(ctx context.Context, network mention.Network, key string) (ticket.Seen, bool, error)
	Number(ctx context.Context, number string) (id string, found bool, err error)
	Folio(ctx context.Context, folio string) (id string, found bool, err error)
	Answer(ctx context.Context, clickKey string) (ticket.Click, bool, error)
}

// Messages reads what waits to be carried out.
type Messages interface {
	Message(ctx context.Context, ref outbox.Ref) (m outbox.Message, claimed, found bool, err error)
	ClaimedAt(ctx context.Context, ref outbox.Ref) (time.Time, bool, error)
	Due(ctx context.Context, now time.Time, limit int) ([]outbox.Message, error)
	Unfinished(ctx context.Context, before time.Time, limit int) ([]outbox.Message, error)
}

// Reaches tells who may know of what.
type Reaches interface {
	Reached(ctx context.Context, who ticket.Reach, ids []string) (map[string]bool, error)
}

// Known reads cases, and tells who may know of them.
type Known interface {
	Cases
	Reaches
}

// Lists reads page by page.
type Lists interface {
	List(ctx context.Context, q ticket.Query) (rows []ticket.Row, next string, err error)
	Changes(ctx context.Context, who ticket.Reach, since string) (changes []ticket.ChangeRow, cursor string, err error)
	Attention(ctx context.Context, who ticket.Reach, cursor string, limit int) (matters []ticket.Attention, next string, err error)
	Quarantined(ctx context.Context, cursor string, limit int) (kept []ticket.Quarantined, next string, err error)
	QuarantinedBytes(ctx context.Context, id string) (ticket.Quarantined, bool, error)
}

// Channels reads what is known of the accounts of ours.
type Channels interface {
	Channel(ctx context.Context, ref channel.Ref) (channel.Channel, bool, error)
	Channels(ctx context.Context) ([]channel.Channel, error)
	Grant(ctx context.Context, ref channel.Ref) (channel.Grant, bool, error)
	Connection(ctx context.Context, id string) (channel.Connection, bool, error)
	Spent(ctx context.Context, ref channel.Ref, date string) (channel.Spend, error)
}

// Library reads the files that posts may carry.
type Library interface {
	File(ctx context.Context, id string) (post.LibraryFile, bool, error)
	FileBySum(ctx context.Context, sum string) (post.LibraryFile, bool, error)
	Files(ctx context.Context, match func(post.LibraryFile) bool, cursor string, limit int) (page []post.LibraryFile, next string, err error)
	FileUsed(ctx context.Context, id string) (bool, error)
}

// Posts reads what we publish.
type Posts interface {
	Plan(ctx context.Context, id string) (agenda.Plan, error)
	Target(ctx context.Context, id, name string) (post.Target, error)
	Calendar(ctx context.Context, from, to time.Time, undated bool) ([]agenda.Plan, error)
	Waiting(ctx context.Context, state post.State, failed bool) ([]agenda.Plan, error)
	PostHistory(ctx context.Context, p agenda.Plan) ([]audit.Entry, error)
}

// Outcomes reads what is going out, and what went.
type Outcomes interface {
	InFlight(ctx context.Context, ref channel.Ref, now time.Time) ([]agenda.Plan, error)
	Out(ctx context.Context, from, to time.Time) ([]post.Target, error)
}

// Groups reads posts that belong together.
type Groups interface {
	Series(ctx context.Context, series string, from, of int) ([]agenda.Plan, error)
	Campaigns(ctx context.Context) ([]post.Campaign, error)
	Campaign(ctx context.Context, id string) (post.Campaign, error)
	Members(ctx context.Context, campaign string) ([]agenda.Plan, error)
}

// Published reads all of what we publish.
type Published interface {
	Posts
	Groups
	Outcomes
}

// Feedback reads what models and people said of mentions.
type Feedback interface {
	Readings(ctx context.Context, from, to time.Time) ([]ticket.Reading, error)
	Decisions(ctx context.Context, from, to time.Time) ([]ticket.Decision, error)
	Labels(ctx context.Context, from, to time.Time) ([]ticket.Label, error)
}

// Told reads lists, and what was said of what is in them.
type Told interface {
	Lists
	Feedback
}

// Overviews reads what is of no one case.
type Overviews interface {
	Told
	Channels
	Library
	Published
	Models
}

// Models reads the register of the classifier's models.
type Models interface {
	Models(ctx context.Context) (model.Register, error)
}

// Store is all of it.
type Store interface {
	Writer
	Known
	Finder
	Messages
	Overviews
}

// Open gives an empty store that goes by the clock, and takes it away when the test ends.
type Open func(t *testing.T, clock func() time.Time) Store

// Run tries the contract, each part on a store of its own.
func Run(t *testing.T, open Open) {
	parts := []struct {
		name string
		run  func(*world)
	}{
		{"an item is seen once", seenOnce},
		{"an item put aside is seen once", asideOnce},
		{"an edit may come before its item", editFirst},
		{"a deletion may come before its item", deletionFirst},
		{"an item may be awaited", awaited},
		{"one of many writers makes a version", oneWriter},
		{"versions follow one another", versionsFollow},
		{"a repeated step is a success", repeatedStep},
		{"a step without sense is refused", senseless},
		{"a refused step leaves nothing", wholeOrNothing},
		{"mentions and replies have their own lock", revisions},
		{"a case comes back as it was written", roundTrip},
		{"a story is read to its end", longStory},
		{"a conversation has one open case", conversations},
		{"all names of a person lead to one case", names},
		{"a name the case does not know is refused", senselessNames},
		{"a number names one case", numbers},
		{"a folio names one case", folios},
		{"a message is claimed once or cancelled", lifeOfMessage},
		{"a claim and a cancel never both win", claimAgainstCancel},
		{"one of many workers claims", oneClaim},
		{"what is gone is gone", goneMessages},
		{"a planned reply shows its claim", claimedReply},
		{"what is due comes in order and whole", dueInOrder},
		{"a large outbox is read to its end", largeOutbox},
		{"a message may follow from no case", caseless},
		{"handed over is not finished", handedOverStays},
		{"the queue is first in, first out inside each class", queueOrder},
		{"a large queue has no gaps and no repeats", largeQueue},
		{"states and filters", statesAndFilters},
		{"denuncias have their own lists", restricted},
		{"a person's cases come by their term", board},
		{"a list refuses foreign cursors", foreignCursors},
		{"changes come once in order", changesInOrder},
		{"changes come page by page", changesPaged},
		{"changes cross days", changesAcrossDays},
		{"changes never skip a late commit", changesNeverSkip},
		{"changes refuse foreign cursors", foreignChanges},
		{"changes tell each of what they may know", changesByReach},
		{"matters of denuncias are apart", mattersByReach},
		{"a click is answered once", clicks},
		{"the same bytes are kept once", quarantine},
		{"the quarantine comes newest first and ends", quarantinePages},
		{"matters wait until they are settled", matters},
		{"one of twenty people takes each case", takers},
		{"an ended case expires with all that hangs on it", expiry},
		{"an expiry stays until the case is opened again", expiryStays},
		{"an edit without its item is forgotten", editExpires},
		{"a channel is written over the one before", channels},
		{"keys are renewed by one", grants},
		{"a step with a channel is whole or not at all", channelSteps},
		{"of many who switch models one does, and each switch stands in the bitácora", models},
		{"a connection has its time", connections},
		{"costs are added up", costs},
		{"a file of the library is written over the one before", libraryFiles},
		{"the library has the same bytes once", sameFile},
		{"the library comes newest first, page by page", libraryPages},
		{"a file is used while a post that carries it is not over", fileUsed},
		{"a post is written over the one before", posts},
		{"the calendar is what has its moment in it", postLists},
		{"posts belong together", postGroups},
		{"what is going out, and what went", postOutcomes},
		{"posts are told of to those who may know", postReach},
		{"what was said of a mention is found by its day", readings},
		{"a person's word on a class is found by its time", decisions},
		{"a mention is labelled once", labels},
		{"taking out what the model learns from is written down", taughtEntry},
	}
	for _, part := range parts {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.run(newWorld(t, open))
		})
	}
}
