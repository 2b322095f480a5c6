"""The kinds of records that carry nothing of their own (FORMATS 2.3, 2.4). Any other unknown kind is told once."""

from __future__ import annotations

BOUNDARIES = {"task_started", "turn_started", "task_complete", "turn_complete", "turn_aborted"}
"""Events at which a Codex turn begins or ends."""
SILENT_RECORDS = {"world_state", "inter_agent_communication_metadata", "inter_agent_communication", "state"}
SILENT_ITEMS = {"compaction", "context_compaction", "ghost_snapshot", "additional_tools", "other"}
"""Items that are encrypted or about the working folder."""
SILENT_EVENTS = {
    "agent_reasoning", "agent_reasoning_raw_content", "agent_reasoning_section_break", "background_event",
    "collab_agent_interaction_end", "collab_close_end", "collab_resume_end", "collab_waiting_end",
    "context_compacted", "deprecation_notice", "dynamic_tool_call_request", "dynamic_tool_call_response",
    "entered_review_mode", "error", "exec_command_begin", "exec_command_end", "exited_review_mode",
    "guardian_assessment", "guardian_warning", "image_generation_end", "mcp_tool_call_begin",
    "mcp_tool_call_end", "model_reroute", "patch_apply_begin", "patch_apply_end", "plan_update",
    "session_configured", "stream_error", "thread_goal_updated", "thread_settings_applied", "turn_diff",
    "undo_completed", "undo_started", "view_image_tool_call", "warning", "web_search_begin", "web_search_end",
}  # fmt: skip
"""Events that repeat an item, or say how the program was set."""
SILENT_EVENT_ITEMS = {
    "CommandExecution", "FileChange", "McpToolCall", "Reasoning", "Plan", "Extension", "WebSearch",
    "ImageGeneration", "ImageView", "Sleep", "ContextCompaction", "EnteredReviewMode", "ExitedReviewMode",
    "HookPrompt", "CollabToolCall",
}  # fmt: skip
"""What ``item_completed`` repeats of items that stand in the file themselves."""
QUESTIONS = {"request_user_input", "ask_user_question", "ask_user"}
"""Tools whose result is the user's answer."""
