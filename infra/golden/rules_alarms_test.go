package golden

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sence.gob.cl/gestor/shared/unit"
)

// invariantsHaveAlarms: each thing that must be so and can be seen from outside has its alarm: the metric, whom it is about
// and the limit, as rendered.
func invariantsHaveAlarms(t tmpl) []finding {
	want := map[string]string{
		"StreamAgeAlarm":         "AWS/Lambda IteratorAge Maximum FunctionName=${RelayFunction} > 60000 in 3 of 5 x 60s",
		"ServerErrorsAlarm":      "AWS/ApiGateway 5xx Sum ApiId=${Api} > 0 in 2 of 3 x 300s",
		"AckLatencyAlarm":        "AWS/Lambda Duration p99 FunctionName=${WebhookFunction} > 1000 in 2 of 3 x 300s",
		"NoTickAlarm":            "AWS/Events Invocations Sum RuleName=${MinuteRule} < 1 in 1 of 1 x 300s, or no data",
		"NoLookAlarm":            "AWS/Events Invocations Sum RuleName=${LookRule} < 1 in 1 of 1 x 300s, or no data",
		"ChannelsPausedAlarm":    "Gestor ChannelsPaused Maximum function=fetch > 0 in 3 of 5 x 60s",
		"ChannelsExpiringAlarm":  "Gestor ChannelsExpiring Maximum function=fetch > 0 in 3 of 3 x 300s",
		"OldestDueWorkAlarm":     "Gestor OldestDueWorkSeconds Maximum function=tick > 120 in 3 of 5 x 60s, or no data",
		"RefusedDeliveriesAlarm": "Gestor Refused Sum function=webhook > 10 in 2 of 3 x 300s",
		"UnknownRepliesAlarm":    "Gestor UnknownOutcomes Sum function=deliver > 0 in 1 of 1 x 300s",
		"ModelUnusableAlarm":     "Gestor ModelsUnusable Sum function=intake > 0 in 2 of 3 x 300s",
		"UnknownFilingsAlarm":    "Gestor UnknownOutcomes Sum function=escalate > 0 in 1 of 1 x 300s",
	}
	for id, seconds := range map[string]int{"Inbox": 120, "Outbound": 600, "Siac": 900, "Fetch": 900, "Soon": 1200} {
		want[id+"QueueAgeAlarm"] = fmt.Sprintf("AWS/SQS ApproximateAgeOfOldestMessage Maximum QueueName=${%sQueue.QueueName} > %d in 3 of 5 x 60s", id, seconds)
	}
	for _, id := range t.of("SQS::Queue") {
		if strings.HasSuffix(id, "DeadLetters") {
			want[id+"Alarm"] = "AWS/SQS ApproximateNumberOfMessagesVisible Maximum QueueName=${" + id + ".QueueName} > 0 in 1 of 1 x 60s"
			want[id+"AgeAlarm"] = "AWS/SQS ApproximateAgeOfOldestMessage Maximum QueueName=${" + id + ".QueueName} > 864000 in 1 of 1 x 300s"
		} else if age := strings.TrimSuffix(id, "Queue") + "QueueAgeAlarm"; want[age] == "" {
			want[age] = "anything"
		}
	}
	for _, id := range t.of("Lambda::Function") {
		for _, metric := range []string{"Errors", "Throttles"} {
			want[stem(id)+metric+"Alarm"] = "AWS/Lambda " + metric + " Sum FunctionName=${" + id + "} > 0 in 2 of 3 x 300s"
		}
	}
	for _, id := range t.of("DynamoDB::Table") {
		want[strings.TrimSuffix(id, "Table")+"ThrottlesAlarm"] = throttlesOf(t, id)
	}
	got := map[string]string{}
	for _, id := range t.of("CloudWatch::Alarm") {
		got[id] = watched(t, id)
	}
	return compare(want, got)
}

// throttlesOf is the alarm of a table: refused reads and writes of the table and of each of its indexes.
func throttlesOf(t tmpl, table string) string {
	var parts []string
	for _, metric := range []string{"ReadThrottleEvents", "WriteThrottleEvents"} {
		parts = append(parts, "AWS/DynamoDB "+metric+" Sum TableName=${"+table+"}")
		for _, index := range list(t.prop(table, "GlobalSecondaryIndexes")) {
			parts = append(parts, "AWS/DynamoDB "+metric+" Sum GlobalSecondaryIndexName="+text(dig(index, "IndexName"))+" TableName=${"+table+"}")
		}
	}
	return strings.Join(parts, " + ") + " > 0 in 1 of 1 x 300s"
}

// watched writes an alarm as people read it.
func watched(t tmpl, id string) string {
	metric := func(of any, statistic string) string {
		parts := []string{text(dig(of, "Namespace")), text(dig(of, "MetricName")), statistic}
		for _, d := range list(dig(of, "Dimensions")) {
			parts = append(parts, text(dig(d, "Name"))+"="+render(dig(d, "Value")))
		}
		return strings.Join(parts, " ")
	}
	p := t.Resources[id].Properties
	what, seconds := metric(p, text(dig(p, "Statistic"))+text(dig(p, "ExtendedStatistic"))), number(dig(p, "Period"))
	if queries := list(dig(p, "Metrics")); len(queries) > 0 {
		var parts []string
		for _, q := range queries[1:] {
			parts = append(parts, metric(dig(q, "MetricStat", "Metric"), text(dig(q, "MetricStat", "Stat"))))
			seconds = number(dig(q, "MetricStat", "Period"))
		}
		what = strings.Join(parts, " + ")
		if dig(queries[0], "Expression") != "SUM(METRICS())" {
			what = fmt.Sprint(dig(queries[0], "Expression"))
		}
	}
	compare := map[string]string{"GreaterThanThreshold": ">", "LessThanThreshold": "<"}[text(dig(p, "ComparisonOperator"))]
	out := fmt.Sprintf("%s %s %v in %v of %v x %vs", what, compare, dig(p, "Threshold"), dig(p, "DatapointsToAlarm"), dig(p, "EvaluationPeriods"), seconds)
	if dig(p, "TreatMissingData") == "breaching" {
		out += ", or no data"
	}
	return out
}

// alarmsAreHeard: every alarm tells the one topic when it begins and when it ends, and says in words what is wrong; the topic
// reaches who operates; only CloudWatch may publish to it, for alarms of this stack.
func alarmsAreHeard(t tmpl) []finding {
	var out []finding
	for _, id := range t.of("CloudWatch::Alarm") {
		for _, when := range []string{"AlarmActions", "OKActions"} {
			if actions := list(t.prop(id, when)); len(actions) != 1 || render(actions[0]) != "${Alarms}" {
				out = append(out, found(id, "%s are %v", when, actions))
			}
		}
		if t.prop(id, "ActionsEnabled") == false || text(t.prop(id, "AlarmDescription")) == "" {
			out = append(out, found(id, "is mute"))
		}
	}
	const mail = "AlarmsByMail"
	if t.prop(mail, "Protocol") != "email" || render(t.prop(mail, "Endpoint")) != "${AlarmEmail}" || render(t.prop(mail, "TopicArn")) != "${Alarms}" {
		out = append(out, found(mail, "does not tell AlarmEmail"))
	}
	const id = "AlarmsPolicy"
	got := map[string]string{}
	for i, s := range statements(t.prop(id, "PolicyDocument")) {
		principal := t.prop(id, "PolicyDocument", "Statement", i, "Principal")
		who := text(dig(principal, "Service")) + text(dig(principal, "AWS"))
		got[s.sid] = fmt.Sprintf("%s %s %v on %v if %s", s.effect, who, s.actions, s.resources, rendered(s.condition))
	}
	return append(out, within(id, compare(map[string]string{
		"AlarmsOfThisStack": "Allow cloudwatch.amazonaws.com [sns:Publish] on [${Alarms}] if ArnLike aws:SourceArn " +
			"arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:${AWS::StackName}-*; " +
			"StringEquals aws:SourceAccount ${AWS::AccountId}",
		"TlsOnly": "Deny * [sns:Publish] on [${Alarms}] if Bool aws:SecureTransport false",
	}, got))...)
}

// costIsWatched: the month's cost, by actual and by forecast, with a mail to who operates.
func costIsWatched(t tmpl) []finding {
	const id = "MonthlyCost"
	got := []string{render(t.prop(id, "Budget", "BudgetLimit", "Amount")) + " " + text(t.prop(id, "Budget", "TimeUnit")) + " " + text(t.prop(id, "Budget", "BudgetType"))}
	for _, n := range list(t.prop(id, "NotificationsWithSubscribers")) {
		got = append(got, fmt.Sprintf("%v %v%% to %s", dig(n, "Notification", "NotificationType"), dig(n, "Notification", "Threshold"),
			render(dig(n, "Subscribers", 0, "Address"))))
	}
	if want := []string{"${MonthlyBudget} MONTHLY COST", "ACTUAL 80% to ${AlarmEmail}", "FORECASTED 100% to ${AlarmEmail}"}; !slices.Equal(got, want) {
		return []finding{found(id, "is %q", got)}
	}
	return nil
}

// dashboardShows: the page has what an operator asks first.
func dashboardShows(t tmpl) []finding {
	const id = "Dashboard"
	body := render(t.prop(id, "DashboardBody"))
	var out []finding
	for _, shown := range []string{
		`"OldestDueWorkSeconds","function","tick"`, `"ApproximateAgeOfOldestMessage","QueueName","${InboxQueue.QueueName}"`,
		`"ApproximateNumberOfMessagesVisible","QueueName","${RelayDeadLetters.QueueName}"`, `"Acked","function","webhook"`,
		`"ChannelsPaused","function","fetch"`, `"UnknownOutcomes","function","deliver"`, `"UnknownOutcomes","function","escalate"`, `"WriteUnits","function","intake"`,
		`"Repaired","function","intake"`, `"WriteUnits","network","facebook"`, `"NetworkCalls","network","facebook"`, `"Acked","network","facebook"`,
		`"IteratorAge","FunctionName","${RelayFunction}"`, `"5xx","ApiId","${Api}"`,
	} {
		if !strings.Contains(body, shown) {
			out = append(out, found(id, "does not show %s", shown))
		}
	}
	return out
}

// countedIsMeasured: alarms and dashboard name the metrics that the functions write, by their names.
func countedIsMeasured(t tmpl) []finding {
	known := []unit.Metric{
		unit.Acked, unit.Refused, unit.Items, unit.Duplicates, unit.Opened, unit.UnknownOutcomes, unit.AttentionRaised, unit.NetworkCalls,
		unit.WriteUnits, unit.OldestDueWork, unit.Repaired, unit.ChannelsPaused, unit.ChannelsExpiring, unit.Mended, unit.MediaLost, unit.ModelsUnusable,
	}
	var out []finding
	for _, id := range t.of("CloudWatch::Alarm") {
		name := text(t.prop(id, "MetricName"))
		if t.prop(id, "Namespace") == "Gestor" && !slices.Contains(known, unit.Metric(name)) {
			out = append(out, found(id, "is about %s, which nobody counts", name))
		}
	}
	for _, match := range regexp.MustCompile(`"Gestor","(\w+)"`).FindAllStringSubmatch(render(t.prop("Dashboard", "DashboardBody")), -1) {
		if !slices.Contains(known, unit.Metric(match[1])) {
			out = append(out, found("Dashboard", "shows %s, which nobody counts", match[1]))
		}
	}
	return out
}

func alarmFaults() []fault {
	there, heard := "each invariant has its alarm", "alarms are heard"
	return []fault{
		{"dead letters nobody hears of", there, "SiacDeadLettersAlarm", drop("SiacDeadLettersAlarm")},
		{"a queue nobody watches", there, "SurveyQueueAgeAlarm", add("SurveyQueue", "SQS::Queue", map[string]any{})},
		{"a function nobody watches", there, "SpareErrorsAlarm", add("SpareFunction", "Lambda::Function", map[string]any{})},
		{"an index nobody watches", there, "WorkThrottlesAlarm", func(t tmpl) {
			p := t.Resources["WorkTable"].Properties
			p["GlobalSecondaryIndexes"] = append(list(p["GlobalSecondaryIndexes"]), map[string]any{"IndexName": "GSI3"})
		}},
		{"an alarm that waits for an hour", there, "OldestDueWorkAlarm", set("OldestDueWorkAlarm", 3600.0, "Threshold")},
		{"silence that counts as well", there, "NoTickAlarm", set("NoTickAlarm", "notBreaching", "TreatMissingData")},
		{"an average hides the slow", there, "AckLatencyAlarm", set("AckLatencyAlarm", "p50", "ExtendedStatistic")},
		{"another function's errors", there, "DeskErrorsAlarm", set("DeskErrorsAlarm", reference("IntakeFunction"), "Dimensions", 0, "Value")},
		{"an alarm without a topic", heard, "NoTickAlarm", set("NoTickAlarm", nil, "AlarmActions")},
		{"an alarm that is switched off", heard, "NoTickAlarm", set("NoTickAlarm", false, "ActionsEnabled")},
		{"a topic nobody reads", heard, "AlarmsByMail", drop("AlarmsByMail")},
		{"anybody may ring", heard, "AlarmsPolicy", set("AlarmsPolicy", "*", "PolicyDocument", "Statement", 0, "Principal")},
		{"alarms of other accounts", heard, "AlarmsPolicy", set("AlarmsPolicy", nil, "PolicyDocument", "Statement", 0, "Condition")},
		{"alarms over a plain connection", heard, "AlarmsPolicy", set("AlarmsPolicy", "Allow", "PolicyDocument", "Statement", 1, "Effect")},
		{"a metric nobody writes", "what alarms count is measured", "UnknownRepliesAlarm", set("UnknownRepliesAlarm", "Unknown", "MetricName")},
		{"a page of a metric nobody writes", "what alarms count is measured", "Dashboard", set("Dashboard", `{"metrics":[["Gestor","Unknown"]]}`, "DashboardBody")},
		{"a budget that tells nobody", "the month's cost is watched", "MonthlyCost", set("MonthlyCost", []any{}, "NotificationsWithSubscribers")},
		{"a page without the oldest work", "the dashboard shows what an operator asks", "Dashboard", set("Dashboard", "{}", "DashboardBody")},
	}
}
