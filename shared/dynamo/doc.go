// Package dynamo is the only store of record: cases, what waits to be done, and the bitácora, in two DynamoDB tables.
// Commit is the one function that writes; everything it writes for a ticket.Change is written together or not at all.
//
// The work table. Indexes carry only row, v and ttl.
//
//	entity        PK                    SK             GSI1PK / GSI1SK                         GSI2PK / GSI2SK              life
//	ticket        T#<ticket>            T              Q#waiting or Q#<state>, of denuncias    while held and not final:    until its expiry
//	                                                   R#waiting or R#<state> /                A#<agent> / <dueAt>#<ticket>
//	                                                   <class rank>#<openedAt>#<ticket>
//	mention       T#<ticket>            M#<at>#<key>                                                                        as its case; text erasable
//	reply         T#<ticket>            P#<reply>                                                                           as its case
//	outbox        T#<ticket>            O#<message>    to hand over: O#<shard>,                                             until done or
//	                                                   handed over: H#<shard> /                                             cancelled
//	                                                   <due>#<ticket>#<message>
//	attention     T#<ticket>            W#<id>                                                 ATT / <at>#<ticket>#<id>     until settled, or as its case
//	number        N#<number>            N                                                                                   kept, unique
//	folio         F#<folio>             F                                                                                   kept, unique
//	conversation  C#<conversation>      OPEN                                                                                while a case is open;
//	                                                                                                                        one for each alias too
//	seen          D#<network>#<key>     D                                                                                   kept, an awaited one too;
//	                                                                                                                        early words TTL 30 days, of LinkedIn 2
//	click         D#desk#<key>          D                                                                                   TTL 2 days
//	quarantine    X#<id>                X                                                      X#<yyyy-mm> / <at>#<id>      TTL 30 days
//	channel       CHANNELS              <network>/<account>                                                                 kept
//	grant         GRANT#<network>/      G                                                                                   kept; sealed
//	              <account>
//	connection    CONNECT#<id>          C                                                                                   TTL, its own
//	spend         SPEND#<network>/      <day>                                                                               TTL 400 days
//	              <account>
//	file          FILES                 <id, by time>                                                                       kept; refused or removed TTL 30 days
//	file sum      FILE#<sha256>         F                                                                                   as long as its file is ready
//	models        MODELS                REGISTER                                                                            kept, one
//
// An outbox message whose cause is no case has T#<cause> as its partition, with a colon in it that no case has.
//
// The bitácora, append-only.
//
//	entity        PK                    SK                        day: DAYPK / DAYSK
//	entry         T#<ticket>            <version, 10 digits>      DAY#<date>#<shard>, of a denuncia DAYR#<date>#0, by which a
//	                                                              case became one or stopped DAYX#<date>#0,
//	                                                              of what the classifier learns from DAYM#<date>#0 /
//	                                                              <at>#<ticket>#<version>
//
// Instants in keys are UTC with three fixed decimals, so that the order of text is the order of time. The shard of a
// message is one hexadecimal digit of the hash of its id; the shard of an entry one of four, by its ticket, or the only
// one.
//
// Attributes. doc is the document as JSON: text, or (only where that saves a write unit) packed bytes, see pack.go. row
// is what indexes carry. v and rev are the locks. token, on an entry and on what is known of a channel, is the digest of the
// step it was written with. spent#<what>, on a spend, is a sum that is added to. ttl is the expiry in Unix seconds, on cases from their end on:
// DynamoDB deletes late, so readers filter it. A ticket's row and doc are always packed: in one kilobyte with its keys, a step on a case costs one write
// unit less in the table and in every index.
//
// Which refusal wins. A cancelled transaction can carry several reasons. The own content found stored makes it a success
// (an answer that was lost). Otherwise any failed condition wins over conflicts and throttling, because what our
// conditions look at never returns to what it was: seen items, clicks, numbers and entries stay, versions only grow,
// claims are not taken back, done messages do not come back. The one that can, an open conversation, asks the caller to
// read again anyway. Among failed conditions the order is: seen, click, claim, stale, cancel, gone, conversation, number,
// folio, same file; so that a repeated delivery or click is recognised as such although its other conditions fail too. Without a
// failed condition, conflict, throttling and what the service calls its own error are Transient.
package dynamo
