-- Drives Neovim as a plain LSP client: attach, ask for code actions, take the one named in FIX_TITLE, wait, save.
local python, root, file = vim.env.SERVER_PYTHON, vim.env.FIX_ROOT, vim.env.FIX_FILE
local log = {}

local function say(...)
  table.insert(log, table.concat(vim.tbl_map(tostring, { ... }), " "))
end

local function finish(status)
  vim.fn.writefile(log, vim.env.FIX_LOG)
  vim.cmd(status == 0 and "qall!" or "cquit")
end

local function await(what, seconds, condition)
  if not vim.wait(seconds * 1000, condition, 20) then
    say("timeout:", what)
    finish(1)
  end
end

vim.ui.select = function(items, _, choose)
  for _, item in ipairs(items) do
    local title = type(item) == "table" and item[2] and item[2].title or tostring(item)
    say("offered:", title)
    if title == vim.env.FIX_TITLE then
      choose(item)
      return
    end
  end
  say("not offered:", vim.env.FIX_TITLE)
  finish(1)
end

-- 0.7 asks with numbered lines; the first one is "Apply".
vim.fn.inputlist = function(lines)
  say("asked:", lines[1])
  return 1
end

vim.cmd("edit " .. vim.fn.fnameescape(file))
local attached = false
local client = vim.lsp.start_client({
  name = "perforch",
  cmd = { python, "-P", "-m", "perforch", "serve", "--stdio" },
  root_dir = root,
  workspace_folders = { { uri = vim.uri_from_fname(root), name = "work" } },
  on_attach = function() attached = true end,
})
vim.lsp.buf_attach_client(0, client)
await("attach", 30, function() return attached end)
vim.api.nvim_win_set_cursor(0, { tonumber(vim.env.FIX_LINE), 0 })

local before = vim.api.nvim_buf_get_changedtick(0)
vim.lsp.buf.code_action()
await("a proven fix", 120, function()
  return vim.api.nvim_buf_get_changedtick(0) ~= before
end)
say("changed")
vim.cmd("write")
vim.cmd("undo")
vim.fn.writefile(vim.api.nvim_buf_get_lines(0, 0, -1, false), vim.env.FIX_UNDONE)
vim.cmd("redo")
vim.lsp.stop_client(client)
finish(0)
