/** The words of a supervisor at an agent's call. */

export const earZh = {
  modes: { listen: "旁听", whisper: "密语", join: "三方" },
  modeHints: { listen: "听双方说话，没有人听到您（Alt+L）", whisper: "只有坐席听到您，客户听不到，录音里也没有（Alt+W）", join: "坐席和客户都听到您，录音里也有（Alt+J）" },
  hearing: { listen: "没有人听到您", whisper: "只有坐席听到您", join: "坐席和客户都听到您" },
  listenCaller: "旁听", listenCallerHint: "听来电人在菜单、排队或留言时听到和说的；输入保密数字时暂停（Alt+L）", earVeiled: "客户正在输入保密数字，暂不收听", callerOnly: "还没有坐席接听：没有人听到您",
  inMenus: "菜单和留言中", inPhase: { menu: "菜单", message: "留言" }, callerOf: "来电",
  modesOf: "旁听方式", supervisedBy: (name: string, mode: string) => `${name} ${mode}`, stop: "结束", stopHint: "离开，通话继续（Alt+S）",
  takeOver: "接管", takeOverHint: "把客户转到您的坐席页面振铃，坐席进入话后（Alt+T）", takeOverNot: "要接管通话，请先在坐席页面（/agent）置为就绪",
  earConnects: "正在接通您的话机…", earWaits: "坐席的页面断开，正在等其恢复…", earOver: "：", again: "再次旁听", listenTo: (name: string) => `旁听${name}`, dismiss: "关闭",
  earEnds: {
    answered: "坐席已接听", put_through: "已转到外线",
    stopped: "您已离开", hung_up: "您的话机已断开", call_over: "通话已结束", transferred: "坐席已把通话转出", agent_away: "坐席没有回到通话", taken_over: "通话正转到您的坐席页面，请在那里接听",
    page_gone: "页面已离开", displaced: "您在另一个页面打开了旁听", replaced: "您已转去旁听另一位坐席", connection_lost: "与服务的连接中断过（网络或服务重启），旁听随之结束",
    switch_lost: "与交换机的连接中断过，旁听随之结束", service_restarted: "服务重启，旁听随之结束", switch_refused: "交换机没有接通，请再试一次",
    phone_not_registered: "您的话机没有注册上，请检查网络后再试", phone_no_answer: "您的话机没有接起，请再试一次", internal_error: "出现内部错误，请再试一次",
    no_microphone: "浏览器没有麦克风权限：请在地址栏允许使用麦克风后再试",
  } as Record<string, string>,
  earRefusals: {
    nobody_to_speak_to: "还没有坐席接听，只能旁听",
    no_microphone: "浏览器没有麦克风权限：请在地址栏允许使用麦克风后再试", no_call: "现在没有可旁听的通话：可能已结束、已被接听，或还在振铃", own_call: "这是您自己的通话",
    already_there: "您已在旁听这位坐席，切换方式即可", colleague_speaks: "另一位主管正在与坐席说话，同时只能有一位：请先旁听（您能听到对方），或请对方改回旁听", agent_offline: "这位坐席已离线", phone_not_registered: "您的话机没有注册上，请检查网络后再试", session_over: "旁听已结束，请重新开始", page_away: "页面与服务的连接断开了，请稍候再试",
    not_ready: "要接管通话，请先在坐席页面（/agent）置为就绪", not_in_this_phase: "现在不能接管：通话已结束，或坐席正在咨询他人", unreachable: "服务没有应答，请稍候再试",
    switch_silent: "交换机没有应答，请稍候再试", switch_refused: "交换机没有接通，请再试一次", not_permitted: "只有组长和主管可以旁听",
  } as Record<string, string>,
};

export const earEn: typeof earZh = {
  modes: { listen: "Listen", whisper: "Whisper", join: "Join" },
  modeHints: { listen: "Hear both; nobody hears you (Alt+L)", whisper: "The agent alone hears you; neither the customer nor the recording does (Alt+W)", join: "Agent and customer hear you, and so does the recording (Alt+J)" },
  hearing: { listen: "Nobody hears you", whisper: "The agent alone hears you", join: "Agent and customer hear you" },
  listenCaller: "Listen", listenCallerHint: "Hear what the caller hears and says in the menu, in line or leaving a message; not while they type secret digits (Alt+L)", earVeiled: "The caller types secret digits; nothing is heard meanwhile", callerOnly: "No agent yet: nobody hears you",
  inMenus: "In menus and messages", inPhase: { menu: "Menu", message: "Message" }, callerOf: "Caller",
  modesOf: "Ways to be at the call of", supervisedBy: (name, mode) => `${name}: ${mode.toLowerCase()}`, stop: "Leave", stopHint: "Leave; the call goes on (Alt+S)",
  takeOver: "Take over", takeOverHint: "The customer rings at your own desk, the agent goes into wrap-up (Alt+T)", takeOverNot: "To take a call over, be ready at /agent first",
  earConnects: "Connecting your telephone…", earWaits: "The agent's page is lost; waiting for it…", earOver: ": ", again: "Listen again", listenTo: (name) => `Listen to ${name}`, dismiss: "Close",
  earEnds: {
    answered: "an agent has answered", put_through: "the caller was put through to a number outside",
    stopped: "you have left", hung_up: "your telephone was cut off", call_over: "the call is over", transferred: "the agent has transferred the call", agent_away: "the agent did not come back to the call", taken_over: "the call goes to your desk: answer it there",
    page_gone: "the page was left", displaced: "you listen on another page", replaced: "you have gone to another agent", connection_lost: "the connection to the service was lost (network or a restart), and the session with it",
    switch_lost: "the connection to the switch was lost, and the session with it", service_restarted: "the service was restarted, and the session ended with it", switch_refused: "the switch did not connect it; try again",
    phone_not_registered: "your telephone was not registered; check the network and try again", phone_no_answer: "your telephone did not answer; try again", internal_error: "an internal error; try again",
    no_microphone: "the browser gives no microphone: allow it beside the address, and try again",
  },
  earRefusals: {
    nobody_to_speak_to: "No agent has this caller yet: you can only listen",
    no_microphone: "The browser gives no microphone: allow it beside the address, and try again", no_call: "There is no call to listen to now: it is over, was answered, or rings still", own_call: "This is your own call",
    already_there: "You are at this agent's call: change the mode", colleague_speaks: "Another supervisor speaks in this call, one does at a time: listen, you hear them too, or ask them to go back to listening", agent_offline: "This agent is offline", phone_not_registered: "Your telephone was not registered; check the network and try again", session_over: "The session is over: begin another", page_away: "The page is not connected to the service: try again in a moment",
    not_ready: "To take a call over, be ready at /agent first", not_in_this_phase: "It cannot be taken over now: it is over, or the agent is asking somebody", unreachable: "The service does not answer: try again in a moment",
    switch_silent: "The switch does not answer: try again in a moment", switch_refused: "The switch did not connect it; try again", not_permitted: "Only team leads and supervisors may listen",
  },
};
