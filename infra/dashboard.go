package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// What one network costs, in US dollars for a million of each, at list prices of us-east-1: a write unit; a delivery
// acknowledged (request, two functions, queue, log); a call to the network (a function that waits a second, its queue and
// stream). Fixed costs (key, secrets, alarms, dashboard) belong to no network.
const (
	priceWriteUnit = 0.625
	priceAcked     = 3.2
	priceCall      = 5.0
)

// widgetWidth and widgetHeight are in CloudWatch's grid of 24 columns.
const (
	widgetWidth  = 8
	widgetHeight = 6
)

func dashboardName(s settings) string { return "gestor-" + s.stage }

// widget is one chart: lines, each a metric as CloudWatch writes it in a list, or an expression over others.
type widget struct {
	title string
	stat  string
	lines []any
	// limit, where it is not zero, is drawn across the chart.
	limit float64
}

// newDashboard declares one page on which an operator sees whether the system keeps its promises, and what it costs.
func newDashboard(stack awscdk.Stack, s settings, r *resources) {
	var drawn []any
	for i, w := range widgets(r) {
		properties := map[string]any{
			"title": w.title, "region": awscdk.Aws_REGION(), "view": "timeSeries", "stat": w.stat, "period": fiveMinutes, "metrics": w.lines,
		}
		if w.limit > 0 {
			properties["annotations"] = map[string]any{"horizontal": []any{map[string]any{"label": "límite", "value": w.limit}}}
		}
		drawn = append(drawn, map[string]any{
			"type": "metric", "x": i % 3 * widgetWidth, "y": i / 3 * widgetHeight, "width": widgetWidth, "height": widgetHeight,
			"properties": properties,
		})
	}
	awscloudwatch.NewCfnDashboard(stack, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardBody: stack.ToJsonString(map[string]any{"start": "-PT12H", "periodOverride": "inherit", "widgets": drawn}, nil),
		DashboardName: jsii.String(dashboardName(s)),
	})
}

func widgets(r *resources) []widget {
	var ages, dead []any
	for _, q := range r.queues {
		if _, worked := ageLimits()[q.name]; worked {
			ages = append(ages, line("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", q.main.AttrQueueName(), q.name))
		}
		dead = append(dead, line("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", q.dead.AttrQueueName(), q.name))
	}
	dead = append(dead, line("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", r.relayDeadLetters.AttrQueueName(), "Relay"))
	var failed, writes []any
	for _, f := range functions() {
		made := r.made()[f.name]
		failed = append(failed, onFunction(made, "Errors", f.name+": fallas"), onFunction(made, "Throttles", f.name+": rechazos"))
		writes = append(writes, own("WriteUnits", f.name, f.name))
	}
	api := func(metric, label string) any { return line("AWS/ApiGateway", metric, "ApiId", r.api.Ref(), label) }
	return []widget{
		{
			title: "Trabajo vencido más antiguo (s)", stat: "Maximum", limit: dueLimit,
			lines: []any{own("OldestDueWorkSeconds", "tick", "sin terminar")},
		},
		{title: "Espera en las colas (s)", stat: "Maximum", lines: ages},
		{title: "Mensajes que esperan a una persona", stat: "Maximum", lines: dead},
		{
			title: "Recibidos, repetidos y reparados", stat: "Sum",
			lines: []any{
				own("Acked", "webhook", "acusados"), own("Duplicates", "intake", "repetidos"), own("Repaired", "intake", "reparados"),
			},
		},
		{title: "Acuse de recibo, p99 (ms)", stat: "p99", limit: ackLimit, lines: []any{onFunction(r.webhook, "Duration", "webhook")}},
		{
			title: "Resultados desconocidos y casos en Atención", stat: "Sum",
			lines: []any{
				own("UnknownOutcomes", "deliver", "respuestas"), own("UnknownOutcomes", "escalate", "SIAC"),
				own("AttentionRaised", "deliver", "a Atención: respuestas"),
				own("AttentionRaised", "escalate", "a Atención: SIAC"),
			},
		},
		{
			title: "Cuentas detenidas o por vencer", stat: "Maximum",
			lines: []any{own("ChannelsPaused", "fetch", "detenidas"), own("ChannelsExpiring", "fetch", "vencen pronto")},
		},
		{
			title: "Suscripciones rehechas y archivos perdidos", stat: "Sum",
			lines: []any{own("Mended", "fetch", "suscripciones rehechas"), own("MediaLost", "fetch", "archivos perdidos")},
		},
		{title: "Escrituras (WRU)", stat: "Sum", lines: writes},
		{title: "Costo por red (USD, precio de lista)", stat: "Sum", lines: costs()},
		{title: "Fallas y rechazos de funciones", stat: "Sum", lines: failed},
		{title: "API", stat: "Sum", lines: []any{api("Count", "solicitudes"), api("4xx", "4xx"), api("5xx", "5xx")}},
		{title: "Atraso de relay (ms)", stat: "Maximum", lines: []any{onFunction(r.relay, "IteratorAge", "relay")}},
	}
}

// costs is one line for each network: what it wrote, received and called, at its price.
func costs() []any {
	var out []any
	for i, network := range networks() {
		counted := func(prefix, metric string) any {
			id := fmt.Sprintf("%s%d", prefix, i)
			return []any{ownMetrics, metric, "network", network, map[string]any{"id": id, "visible": false}}
		}
		sum := fmt.Sprintf("(FILL(w%d,0)*%g+FILL(a%d,0)*%g+FILL(c%d,0)*%g)/1000000", i, priceWriteUnit, i, priceAcked, i, priceCall)
		out = append(out, []any{map[string]any{"expression": sum, "label": network, "id": fmt.Sprintf("usd%d", i)}},
			counted("w", "WriteUnits"), counted("a", "Acked"), counted("c", "NetworkCalls"))
	}
	return out
}

func line(namespace, metric, dimension string, value *string, label string) any {
	return []any{namespace, metric, dimension, value, map[string]any{"label": label}}
}

// own is what a function counts of itself.
func own(metric, function, label string) any {
	return line(ownMetrics, metric, "function", jsii.String(function), label)
}

func onFunction(f awslambda.CfnFunction, metric, label string) any {
	return line("AWS/Lambda", metric, "FunctionName", f.Ref(), label)
}
