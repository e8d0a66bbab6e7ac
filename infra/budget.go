package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/jsii-runtime-go"
)

// newBudget warns AlarmEmail when the month has cost four fifths of the budget, and when it will cost more than all of it.
// It watches the whole account: a filter by tag sees nothing until somebody activates the tag, and a budget that sees
// nothing is worse than none.
func newBudget(stack awscdk.Stack, s settings, p parameters) {
	notification := func(kind string, percent int) any {
		return &awsbudgets.CfnBudget_NotificationWithSubscribersProperty{
			Notification: &awsbudgets.CfnBudget_NotificationProperty{
				ComparisonOperator: jsii.String("GREATER_THAN"), NotificationType: jsii.String(kind),
				Threshold: jsii.Number(percent), ThresholdType: jsii.String("PERCENTAGE"),
			},
			Subscribers: []any{&awsbudgets.CfnBudget_SubscriberProperty{Address: ref(p.alarmEmail), SubscriptionType: jsii.String("EMAIL")}},
		}
	}
	awsbudgets.NewCfnBudget(stack, jsii.String("MonthlyCost"), &awsbudgets.CfnBudgetProps{
		Budget: &awsbudgets.CfnBudget_BudgetDataProperty{
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: p.budget.ValueAsNumber(), Unit: jsii.String("USD")},
			BudgetName:  jsii.String("gestor-" + s.stage),
			BudgetType:  jsii.String("COST"),
			TimeUnit:    jsii.String("MONTHLY"),
		},
		NotificationsWithSubscribers: []any{notification("ACTUAL", 80), notification("FORECASTED", 100)},
	})
}
