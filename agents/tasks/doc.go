// Package tasks holds what a bot can do for a citizen: task flows as reviewed data, checked when loaded. Tools are in tasks/tool.
package tasks
